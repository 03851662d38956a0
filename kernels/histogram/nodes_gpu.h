/// The CUDA engine of a tree's nodes, many at once: a node of a few hundred rows would leave a GPU idle. Rows, index and histograms lie
/// on exec's device; what describes the nodes lies on the host. Calls queue work and return, unless they have an answer.
#pragma once

#include <span>
#include <vector>

#include "kernels/histogram/split.h"

namespace crisp::gpu {

/// Rows index[begin, begin + rows).
struct NodeRows {
  int64_t begin, rows;
};

struct BuildJob {
  NodeRows rows;
  HistogramView out;  ///< overwritten; packed for up to kPackedRows rows, else wide
};
/// As build_histogram(): the same cells, bit for bit.
void build_histograms(Exec& exec, const BinnedRows& rows, const uint32_t* index, std::span<const BuildJob> jobs);

struct SubtractJob {
  HistogramView parent, child, out;  ///< out may be the parent
};
/// As subtract_histogram().
void subtract_histograms(Exec& exec, std::span<const SubtractJob> jobs);

struct PartitionJob {
  NodeRows rows;
  int32_t byte;     ///< of the records
  CodeSides left;   ///< by its values
};
/// As partition_rows(): the same order. room: as many places as the index. lefts: empty, or one a job, on the host: how many rows went left.
void partition_nodes(Exec& exec, MatrixView<const uint8_t> columns, uint32_t* index, uint32_t* room, std::span<const PartitionJob> jobs,
                     std::span<int64_t> lefts = {});

/// What finding splits needs of all columns; on the device.
struct ColumnFacts {
  const int32_t* categories;  ///< 0: numbers
  const int8_t* monotone;     ///< nullptr: all free
};
/// As find_split(): the same splits, bit for bit. The nodes' lists of columns lie on the host, their histograms on the device. `has_categories`:
/// whether any column has.
std::vector<Split> find_splits(Exec& exec, const BinnedRows& rows, ColumnFacts facts, bool has_categories, std::span<const SplitNode> nodes,
                               const SplitRules& rules, RoundScale scale);

/// As total_of().
Sums total_of(Exec& exec, const BinnedRows& rows, const HistogramView& histogram);

}  // namespace crisp::gpu
