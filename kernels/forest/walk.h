/// The layout of the CPU engine that serves every forest: rows walk from node to node, several at a time, so that while one waits for its
/// node another compares. Also the engine of single rows.
#pragma once

#include "cuda/view.h"
#include "kernels/forest/node_table.h"

namespace crisp::forest {

/// Writes the sums of rows [begin, end) to out.
void walk_sum(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out);
/// One row: several trees at a time.
void walk_sum_row(const NodeTable& table, const float* row, double* out);
void walk_leaves(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<int32_t> out);

}  // namespace crisp::forest
