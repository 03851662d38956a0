/// The CUDA engine of impurity splits: nodes of many trees at once, each on columns of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/exec.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/impurity_split.h"
#include "kernels/histogram/nodes_gpu.h"

namespace crisp::gpu {

/// What rows add; on the device, one a row of the table. counts: of several trees one after the other.
struct ImpurityTargets {
  const int64_t* weight = nullptr;   ///< nullptr: 1 each
  const int32_t* cell = nullptr;     ///< of classes
  const int64_t* target = nullptr;   ///< of numbers, without the counts: weight times target
  const float* number = nullptr;     ///< of numbers: the targets, to tell whether all are the same
  const uint16_t* counts = nullptr;  ///< how often a tree has the row; nullptr: once each
};

/// A node; on the host but for its rows.
struct ImpurityNode {
  NodeRows rows;
  int64_t tree = 0;                  ///< whose counts
  const int64_t* total = nullptr;    ///< rules.cells() sums
  uint64_t stream = 0;
  ArrayView<const int32_t> columns;  ///< in the order that tells equal splits apart
};

/// Columns of all rows; on the device.
struct ImpurityColumns {
  const BinnedRows& binned;
  const int32_t* categories;         ///< one a column, 0: numbers
};

struct NodeSplit {
  ImpuritySplit split;
  bool differ = false;               ///< whether a column has two codes in the node
};

/// As ImpuritySplitter::improve(), column after column, or, `first_alone`, by the first that is not the same in all rows of the node: the same splits, bit
/// for bit; none where all targets of a node are the same number. left: nodes x rules.cells(), the left sides' sums, on the host. index: on the device.
std::vector<NodeSplit> purest_splits(Exec& exec, const ImpurityColumns& columns, const ImpurityTargets& targets, const ImpurityRules& rules,
                                     const uint32_t* index, std::span<const ImpurityNode> nodes, bool first_alone, std::span<int64_t> left);

}  // namespace crisp::gpu
