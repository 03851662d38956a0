/// Count, mean, spread, shape and extremes of columns, in one pass.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/statistics/column_statistics_row.h"

namespace crisp {

/// Statistics of every column of a row-major matrix. NaN is missing. With an infinite value the extremes hold
/// it and the moments are NaN or infinite. Reads each value once, 4 bytes.
///
/// Sums are taken about a pivot (the median of up to 31 rows spread over the matrix), in double, in 16 lanes
/// of 256 rows for each chunk of 4,096, folded by halves, chunks in order: equal bits for every engine and
/// thread count. Relative error about 1e-13 for mean and variance, 1e-10 for skewness and kurtosis, whatever
/// the offset.
std::vector<ColumnStatistics> column_statistics(Exec& exec, MatrixView<const float> rows);

/// The same of one contiguous column of doubles, 8 bytes a value.
ColumnStatistics column_statistics(Exec& exec, ArrayView<const double> values);

}  // namespace crisp
