/// Trees as the engines that walk read them: see Node.
#pragma once

#include <vector>

#include "kernels/forest/traverse_row.h"
#include "kernels/forest/trees.h"

namespace crisp::forest {

struct NodeTable {
  int64_t columns = 0, outputs = 1;
  bool vector_leaves = false;
  bool single = false;              ///< sums are rounded to 32 bits after every tree
  std::vector<double> start;        ///< one an output: what sums begin with
  std::vector<int64_t> first;       ///< trees + 1: nodes of tree t, as in Trees
  std::vector<int64_t> first_leaf;  ///< trees + 1
  std::vector<Node> nodes;
  std::vector<int32_t> place;       ///< per node: where it stands in Trees, counted from its tree's first node
  std::vector<double> value;        ///< per leaf: one, or `outputs`
  std::vector<int64_t> set_first;
  std::vector<uint32_t> set_bits;

  int64_t trees() const { return static_cast<int64_t>(first.size()) - 1; }
  int64_t values_of_leaf() const { return vector_leaves ? outputs : 1; }
  bool has_sets() const { return set_first.size() > 1; }
  SetTable sets() const { return {set_first.data(), set_bits.data()}; }
};

/// Below every node the child that more of the training rows came to (`cover`) comes first: its nodes are near.
NodeTable make_node_table(const TreesView& trees);

}  // namespace crisp::forest
