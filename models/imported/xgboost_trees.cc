#include "models/imported/xgboost_trees.h"

#include <cmath>
#include <limits>
#include <utility>

namespace crisp {
namespace {

int64_t unused_nodes(const XgboostJson& json, const Json& shape, size_t count) {
  return shape.contains("num_deleted") ? json.parameter(shape, "num_deleted", 0, static_cast<int64_t>(count)) : 0;
}

/// A node by categories sends its list to the right, and all others to the left: our children change places.
void read_sets(const XgboostJson& json, const Json& tree, int64_t number, std::vector<ForeignNode>& nodes) {
  if (!tree.contains("split_type")) return;
  const std::vector<int64_t> type = json.whole(tree, "split_type", number, nodes.size());
  const size_t sets = tree.contains("categories_nodes") ? json.member(tree, "categories_nodes", &Json::is_array).size() : 0;
  std::vector<uint8_t> found(nodes.size());
  if (sets > 0) {
    const std::vector<int64_t> node = json.whole(tree, "categories_nodes", number, sets), size = json.whole(tree, "categories_sizes", number, sets);
    const std::vector<int64_t> begin = json.whole(tree, "categories_segments", number, sets);
    const std::vector<int64_t> codes = json.whole(tree, "categories", number, json.member(tree, "categories", &Json::is_array).size());
    const auto all = static_cast<int64_t>(codes.size());
    int64_t taken = 0;
    for (size_t s = 0; s < sets; ++s) {
      if (node[s] < 0 || node[s] >= static_cast<int64_t>(nodes.size())) json.refuse("tree ", number, ": categories of node ", node[s], ", which is not there");
      if (begin[s] < 0 || size[s] < 0 || begin[s] > all || size[s] > all - begin[s] || (taken += size[s]) > all) json.refuse("tree ", number, ", node ", node[s], ": its categories are not in the list");
      found[static_cast<size_t>(node[s])] = 1;
      nodes[static_cast<size_t>(node[s])].codes.assign(codes.begin() + begin[s], codes.begin() + begin[s] + size[s]);
    }
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (type[i] == 0 || nodes[i].is_leaf()) continue;
    if (type[i] != 1 || !found[i]) json.refuse("tree ", number, ", node ", i, ": it splits by categories, and there are none");
    nodes[i].by_code = true;
    nodes[i].threshold = 0;
    std::swap(nodes[i].left, nodes[i].right);
    nodes[i].missing_left = !nodes[i].missing_left;
  }
}

}  // namespace

void add_xgboost_tree(const XgboostJson& json, int64_t number, const Json& tree, double weight, ForeignTrees& all) {
  const Json& shape = json.member(tree, "tree_param", &Json::is_object);
  if (shape.contains("size_leaf_vector") && json.parameter(shape, "size_leaf_vector", 0, INT64_MAX) > 1) {
    json.refuse("tree ", number, " has several numbers a leaf (multi_strategy = multi_output_tree), which is not read");
  }
  const size_t count = json.member(tree, "left_children", &Json::is_array).size();
  if (json.parameter(shape, "num_nodes", 0, INT64_MAX) != static_cast<int64_t>(count)) json.refuse("tree ", number, ": num_nodes is not the number of nodes");
  const std::vector<int64_t> left = json.whole(tree, "left_children", number, count), right = json.whole(tree, "right_children", number, count);
  const std::vector<int64_t> feature = json.whole(tree, "split_indices", number, count);
  const std::vector<double> condition = json.numbers(tree, "split_conditions", number, count), default_left = json.numbers(tree, "default_left", number, count);
  const std::vector<double> cover = json.numbers(tree, "sum_hessian", number, count), gain = json.numbers(tree, "loss_changes", number, count);
  std::vector<ForeignNode> nodes(count);
  for (size_t i = 0; i < count; ++i) {
    ForeignNode& node = nodes[i];
    node.left = left[i], node.right = right[i], node.cover = cover[i], node.gain = gain[i];
    if (node.is_leaf()) {
      node.value = static_cast<double>(static_cast<float>(weight) * static_cast<float>(condition[i]));
      continue;
    }
    node.feature = feature[i];
    node.missing_left = default_left[i] != 0;
    // x < t is x <= the float before t.
    const auto cut = static_cast<float>(condition[i]);
    node.threshold = std::isfinite(cut) ? std::nextafter(cut, -std::numeric_limits<float>::infinity()) : cut;
  }
  read_sets(json, tree, number, nodes);
  all.add(number, nodes, unused_nodes(json, shape, count));
}

}  // namespace crisp
