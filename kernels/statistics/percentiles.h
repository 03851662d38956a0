/// Exact percentiles of columns, and histograms.
#pragma once

#include <span>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// out[column][k] = the percents[k]-th percentile (0 to 100) of the column: exact, linear between neighbours
/// (Hyndman and Fan type 7, numpy's default). NaN is missing; a column without values gives NaN. Any order of
/// percents.
///
/// Three passes over the matrix (12 bytes a value): each counts one digit of the order-preserving key of the
/// values that can still be an answer. Nothing is sorted or copied; memory is columns x percents x 16 KiB a
/// task at most. Counts are integers, so results are equal bit for bit for every engine and thread count.
std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const float> rows,
                                                    std::span<const double> percents);

/// Values in each of `bins` equal bins from `low` to `high`; the last takes `high` too. What lies outside and
/// NaN are not counted. low < high; bins from 1 to 65,536.
std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high,
                               int64_t bins);

}  // namespace crisp
