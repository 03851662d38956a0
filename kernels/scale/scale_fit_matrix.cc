#include "kernels/scale/scale_fit_matrix.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"

namespace crisp {
namespace {

/// Population standard deviation.
double deviation_of(const ColumnStatistics& s) {
  const double n = static_cast<double>(s.count);
  return s.count > 1 ? std::sqrt(s.variance * (n - 1.0) / n) : 0.0;
}

ScaleColumn from_statistics(ScaleMethod method, const ColumnStatistics& s,
                            const std::vector<double>& quartiles) {
  switch (method) {
    case ScaleMethod::min_max:
      return {s.low, s.high - s.low, 1.0};
    case ScaleMethod::max_abs:
      return {0.0, std::max(std::abs(s.low), std::abs(s.high)), 1.0};
    case ScaleMethod::robust:
    case ScaleMethod::robust_arcsinh: {
      const double middle = quartiles[2] - quartiles[0];
      return {quartiles[1], middle > 0.0 ? middle : deviation_of(s), 1.0};
    }
    default:
      return {s.mean, deviation_of(s), 1.0};
  }
}

}  // namespace

std::vector<ScaleColumn> fit_by_statistics(Exec& exec, ScaleMethod method, MatrixView<const float> rows) {
  constexpr double kQuartiles[] = {25.0, 50.0, 75.0};
  const bool robust = method == ScaleMethod::robust || method == ScaleMethod::robust_arcsinh;
  const std::vector<ColumnStatistics> statistics = column_statistics(exec, rows);
  std::vector<std::vector<double>> quartiles(statistics.size());
  if (robust) quartiles = column_percentiles(exec, rows, kQuartiles);
  std::vector<ScaleColumn> out;
  for (size_t j = 0; j < statistics.size(); ++j) {
    const ColumnStatistics& s = statistics[j];
    CRISP_REQUIRE(s.count > 0, Code::data, "column ", j + 1, ": no value to fit the scale on");
    CRISP_REQUIRE(std::isfinite(s.low) && std::isfinite(s.high), Code::data, "column ", j + 1,
                  ": an infinite value cannot be scaled");
    ScaleColumn fitted = from_statistics(method, s, quartiles[j]);
    if (!(fitted.scale > 0.0)) fitted.scale = 1.0;
    out.push_back(fitted);
  }
  return out;
}

}  // namespace crisp
