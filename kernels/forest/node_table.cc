#include "kernels/forest/node_table.h"

#include <limits>
#include <utility>

#include "cuda/error.h"

namespace crisp::forest {
namespace {

/// Lays out one tree after the other; depth first with a stack of its own, so that a tree may be as deep as it is large.
class LayOut {
 public:
  LayOut(const TreesView& trees, NodeTable& to) : trees_(trees), to_(to) {}

  void tree(int64_t t) {
    base_ = trees_.first[t];
    const int64_t nodes = trees_.first[t + 1] - base_;
    begin_ = static_cast<int64_t>(to_.nodes.size());
    to_.nodes.resize(static_cast<size_t>(begin_ + nodes));
    to_.place.resize(static_cast<size_t>(begin_ + nodes));
    leaves_ = 0;
    int32_t used = 1;
    pending_ = {{0, 0}};
    while (!pending_.empty()) {
      const auto [from, place] = pending_.back();
      pending_.pop_back();
      to_.place[begin_ + place] = from;
      if (trees_.feature[base_ + from] < 0) {
        add_leaf(from, place);
        continue;
      }
      add_split(from, place, used);
      used += 2;
    }
    CRISP_ASSERT(used == nodes);
    to_.first.push_back(begin_ + nodes);
    to_.first_leaf.push_back(to_.first_leaf.back() + leaves_);
  }

 private:
  void add_leaf(int32_t from, int32_t place) {
    to_.nodes[begin_ + place] = {std::numeric_limits<float>::infinity(), kMissingLeft, 0, leaves_++};
    const int64_t values = trees_.values_of_node();
    const double* value = trees_.value.data + (base_ + from) * values;
    to_.value.insert(to_.value.end(), value, value + values);
  }

  void add_split(int32_t from, int32_t place, int32_t child) {
    const int64_t i = base_ + from;
    const int32_t set = trees_.set[i];
    to_.nodes[begin_ + place] = {trees_.threshold[i],
                                 static_cast<uint32_t>(trees_.feature[i]) | (trees_.missing_left[i] ? kMissingLeft : 0u) |
                                     (set >= 0 ? kHasSet : 0u),
                                 child - place, set};
    const std::pair<int32_t, int32_t> left{trees_.left[i], child}, right{trees_.right[i], child + 1};
    const bool left_first = trees_.cover[base_ + left.first] >= trees_.cover[base_ + right.first];
    pending_.push_back(left_first ? right : left);
    pending_.push_back(left_first ? left : right);
  }

  const TreesView& trees_;
  NodeTable& to_;
  int64_t base_ = 0, begin_ = 0;
  int32_t leaves_ = 0;
  std::vector<std::pair<int32_t, int32_t>> pending_;  // where a node stands in Trees, and where it goes
};

}  // namespace

NodeTable make_node_table(const TreesView& trees) {
  CRISP_ASSERT(trees.columns < int64_t{kFeature} && trees.outputs > 0);
  NodeTable table;
  table.columns = trees.columns;
  table.outputs = trees.outputs;
  table.vector_leaves = trees.vector_leaves;
  table.single = trees.single_start.size > 0;
  CRISP_ASSERT(!table.single || trees.single_start.size == trees.outputs);
  table.start.assign(trees.single_start.begin(), trees.single_start.end());
  table.start.resize(static_cast<size_t>(trees.outputs), 0.0);
  table.first = {0};
  table.first_leaf = {0};
  table.nodes.reserve(static_cast<size_t>(trees.nodes()));
  table.place.reserve(static_cast<size_t>(trees.nodes()));
  LayOut lay_out(trees, table);
  for (int64_t t = 0; t < trees.trees(); ++t) lay_out.tree(t);
  table.set_first.assign(trees.set_first.begin(), trees.set_first.end());
  table.set_bits.assign(trees.set_bits.begin(), trees.set_bits.end());
  return table;
}

}  // namespace crisp::forest
