/// The inner loop of column statistics, for each instruction set.
#pragma once

#include "cuda/view.h"
#include "kernels/statistics/column_statistics_row.h"

namespace crisp {

/// Adds up `rows` (one lane: at most 256 rows) of every column into out[column]; pivot has one entry a
/// column.
using LaneSums = void (*)(MatrixView<const float> rows, const double* pivot, PowerSums* out);

void lane_sums_baseline(MatrixView<const float> rows, const double* pivot, PowerSums* out);
void lane_sums_avx2(MatrixView<const float> rows, const double* pivot, PowerSums* out);
void lane_sums_avx512(MatrixView<const float> rows, const double* pivot, PowerSums* out);

}  // namespace crisp
