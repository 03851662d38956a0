#include "kernels/histogram/grower.h"

#include <algorithm>
#include <vector>

#include "kernels/histogram/split_values.h"

namespace crisp {
namespace {

/// Every node's value becomes (n own + path_smooth parent's) / (n + path_smooth), by its n rows, from the root down: children stand behind their
/// parents. Within the bounds of monotone columns.
void draw_to_parents(const GrownTree& grown, double path_smooth, std::vector<double>& values) {
  for (size_t k = 0; k < grown.nodes.size(); ++k) {
    if (grown.nodes[k].left < 0) continue;
    for (const int32_t child : {grown.nodes[k].left, grown.nodes[k].right}) {
      const GrownNode& node = grown.nodes[static_cast<size_t>(child)];
      double& value = values[static_cast<size_t>(child)];
      const auto rows = static_cast<double>(node.total.rows);
      value = std::clamp((rows * value + path_smooth * values[k]) / (rows + path_smooth), node.lower, node.upper);
    }
  }
}

}  // namespace

void set_values(const SplitRules& rules, double rate, GrownTree& grown) {
  std::vector<double> values;
  for (const GrownNode& node : grown.nodes) values.push_back(leaf_value(node.total, rules, grown.scale, node.lower, node.upper));
  if (rules.path_smooth > 0) draw_to_parents(grown, rules.path_smooth, values);
  grown.values.clear();
  for (size_t k = 0; k < grown.nodes.size(); ++k) grown.values.push_back(grown.nodes[k].left < 0 ? static_cast<float>(rate * values[k]) : 0);
}

void append_tree(const GrownTree& grown, const Bins& bins, Trees& trees) {
  for (size_t k = 0; k < grown.nodes.size(); ++k) {
    const GrownNode& node = grown.nodes[k];
    const bool leaf = node.left < 0;
    const bool category = !leaf && node.split.category;
    trees.feature.push_back(leaf ? -1 : node.split.column);
    trees.threshold.push_back(leaf || category ? 0 : threshold_of(bins, node.split.column, node.split.code));
    trees.left.push_back(leaf ? 0 : node.left);
    trees.right.push_back(leaf ? 0 : node.right);
    trees.missing_left.push_back(!leaf && node.split.missing_left);
    trees.set.push_back(category ? append_set(node.split.left, bins, node.split.column, trees) : -1);
    trees.value.push_back(static_cast<double>(grown.values[k]));
    trees.cover.push_back(static_cast<float>(static_cast<double>(node.total.h) * grown.scale.h));
    trees.gain.push_back(leaf ? 0 : static_cast<float>(node.split.gain));
  }
  trees.first.push_back(static_cast<int64_t>(trees.feature.size()));
}

Trees slice_trees(const Trees& trees, int64_t begin, int64_t end, int64_t outputs) {
  Trees part;
  part.columns = trees.columns;
  part.outputs = outputs;
  const int64_t low = trees.first[static_cast<size_t>(begin)], high = trees.first[static_cast<size_t>(end)];
  const auto take = [&](const auto& from, auto& to) { to.assign(from.begin() + low, from.begin() + high); };
  for (int64_t t = begin; t < end; ++t) part.first.push_back(trees.first[static_cast<size_t>(t + 1)] - low);
  take(trees.feature, part.feature);
  take(trees.threshold, part.threshold);
  take(trees.left, part.left);
  take(trees.right, part.right);
  take(trees.missing_left, part.missing_left);
  take(trees.value, part.value);
  take(trees.cover, part.cover);
  take(trees.gain, part.gain);
  for (int64_t node = low; node < high; ++node) {
    const int32_t set = trees.set[static_cast<size_t>(node)];
    part.set.push_back(set < 0 ? -1 : static_cast<int32_t>(part.set_first.size()) - 1);
    if (set < 0) continue;
    const auto at = static_cast<size_t>(set);
    part.set_bits.insert(part.set_bits.end(), trees.set_bits.begin() + trees.set_first[at], trees.set_bits.begin() + trees.set_first[at + 1]);
    part.set_first.push_back(static_cast<int64_t>(part.set_bits.size()));
  }
  return part;
}

}  // namespace crisp
