/// The layout of the CPU engine for trees of up to a few thousand leaves. A block of 512 rows is decided at once, a bit a row:
///
/// 1. A condition is what a node asks: x > threshold, or x not in a set, and where NaN goes. Many nodes of a forest ask the same, so every
///    distinct condition is answered once: its mask has the bits of the rows that go right. The masks of one column come from one search a
///    row among all its thresholds: the row's bit is put where the search ends, and an OR from the top down turns those bits into "x > t".
/// 2. The number of the leaf that a row reaches is found bit by bit, bottom up: a bit of a node's answer is its right child's where the
///    mask has a 1, else its left child's. Nothing is followed, so nothing waits for memory.
/// 3. The bits are put together to the leaf's number, and its value is added.
///
/// A step is a few instructions for 512 rows, but all nodes of a tree are asked, not one a level: trees of many leaves walk (walk.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/forest/mask_engine.h"
#include "kernels/forest/node_table.h"

namespace crisp::forest {

/// Memory of a block, in rows of 64 bytes: zeros, ones, a mask a condition, answers that are under way.
struct MaskPlan {
  int64_t columns = 0, outputs = 1;
  bool vector_leaves = false, single = false;  ///< as in NodeTable
  std::vector<double> start;
  int64_t memory_rows = 0;
  int32_t most_answers = 0;
  std::vector<MaskColumn> column;  ///< ordered by feature
  std::vector<MaskCondition> condition;
  /// Level by level of a binary search, 1 + 2 + 4 ... thresholds, every level padded to 16; see search_levels().
  std::vector<float> search;
  std::vector<int64_t> set_first;  ///< sets + 1: codes of a set in set_code
  std::vector<int32_t> set_code;
  std::vector<MaskStep> step;
  std::vector<MaskTree> tree;
  std::vector<double> value;
};

/// Nothing where a tree has more than 2^kMostPlanes leaves, or the forest more conditions than a block has room for.
std::optional<MaskPlan> make_mask_plan(const NodeTable& table);

}  // namespace crisp::forest
