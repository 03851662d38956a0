/// The exponent of a power transform by maximum likelihood, and the scale of what it gives.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/scale/scale_row.h"
#include "kernels/statistics/column_statistics.h"

namespace crisp {

/// box_cox or yeo_johnson of every column: the lambda that makes the transformed values most nearly normal (1
/// where all values are equal and every lambda is as good), then their mean and population standard deviation
/// (0 where they are all equal). `statistics` are those of the rows; values are finite, and positive for
/// box_cox. Exponents that would leave the transformed values too close together to be told apart are not
/// taken.
///
/// 25 to 60 trials of an exponent, all columns side by side; a trial reads the logarithm of every value, 8
/// bytes. Columns are taken in groups whose logarithms need at most 1 GiB (or one column). Equal bits for
/// every engine and thread count.
std::vector<ScaleColumn> fit_power(Exec& exec, ScaleMethod method, MatrixView<const float> rows,
                                   std::span<const ColumnStatistics> statistics);
std::vector<ScaleColumn> fit_power(Exec& exec, ScaleMethod method, MatrixView<const double> rows,
                                   std::span<const ColumnStatistics> statistics);

/// One exponent tried on one column.
struct PowerTrial {
  int64_t column;
  PowerPivot pivot;
};

/// The logarithms of some columns, kept where they are summed.
class PowerColumns {
 public:
  virtual ~PowerColumns() = default;
  /// One result a trial; missing values are left out.
  virtual std::vector<PowerMoments> moments(std::span<const PowerTrial> trials) = 0;
  /// The same of the logarithms themselves, about the pivots.
  virtual std::vector<PowerMoments> log_moments(std::span<const PowerTrial> trials) = 0;
};

namespace gpu {  // power_fit.cu; rows may lie on the host or on the device
std::unique_ptr<PowerColumns> power_columns(Exec& exec, PowerFamily family, MatrixView<const float> rows);
std::unique_ptr<PowerColumns> power_columns(Exec& exec, PowerFamily family, MatrixView<const double> rows);
}  // namespace gpu

}  // namespace crisp
