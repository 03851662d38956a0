/// Grows one tree of a forest: each node by the purest split of a few columns that it draws, down to leaves that are pure or small.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cuda/exec.h"
#include "kernels/forest/trees.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/bins.h"
#include "kernels/histogram/impurity_split.h"
#include "models/trees/forest_targets.h"

namespace crisp {

struct ForestGrowth {
  ImpurityRules rules;
  int64_t columns_by_node = 1;  ///< that each node draws; more where all rows are alike in these
  bool random_order = true;     ///< of the columns, by which equal splits are told apart: in nodes of two rows all are; else ascending
  int64_t max_depth = 0;        ///< 0: any
  int64_t max_leaves = 0;       ///< 0: any; else the nodes that gain most are parted first
  int64_t min_split_rows = 2;
  double min_decrease = 0;      ///< of the impurity, weighed by the node's share of all weight
};

/// What trees are grown on. All must outlive the grower.
struct ForestRows {
  const BinnedRows& binned;               ///< with columns, each in a byte of its own (plain_layout)
  ArrayView<const int32_t> categories;    ///< one a column, 0: numbers
  const ForestTargets& targets;
};

struct ForestNode {
  int32_t left = 0, right = 0;  ///< 0: a leaf
  int32_t column = -1, code = 0, set = -1;
  bool missing_left = false;
  float cover = 0, gain = 0;
};

/// Children stand behind their parents, siblings side by side.
struct ForestTree {
  std::vector<ForestNode> nodes;
  std::vector<double> values;   ///< `outputs` a node, 0 at inner ones
  std::vector<CodeSides> sets;
};

/// The rows of one tree; ranges of them are parted as it grows.
struct TreeSample {
  std::vector<uint32_t> index;      ///< those that it learns from, ascending
  std::vector<uint16_t> counts;     ///< one a row of all: how often it was drawn; empty: once each
  std::vector<uint32_t> held_out;   ///< those that walk along and count nothing
  uint64_t stream = 0;              ///< of its draws
};

/// Called with a row that was held out and the values of its leaf; from several threads at once.
using AtLeaf = std::function<void(uint32_t row, const double* values)>;

/// The same tree for every number of threads. Small trees are grown by the calling thread; in large ones columns of a node, then whole
/// branches, are worked on in parallel, unless the caller is itself one of several tasks.
ForestTree grow_forest_tree(Exec& exec, const ForestRows& rows, const ForestGrowth& plan, TreeSample& sample, const AtLeaf& at_leaf);

/// Adds the tree to `trees`: thresholds and sets of categories from the bins.
void append_forest_tree(const ForestTree& tree, const Bins& bins, Trees& trees);

}  // namespace crisp
