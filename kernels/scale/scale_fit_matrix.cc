#include "kernels/scale/scale_fit_matrix.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/statistics/column_statistics.h"

namespace crisp {
namespace {

ScaleColumn from_statistics(ScaleMethod method, const ColumnStatistics& s) {
  if (method == ScaleMethod::min_max) return {s.low, s.high - s.low, 1.0};
  if (method == ScaleMethod::max_abs) return {0.0, std::max(std::abs(s.low), std::abs(s.high)), 1.0};
  const double n = static_cast<double>(s.count);
  return {s.mean, s.count > 1 ? std::sqrt(s.variance * (n - 1.0) / n) : 0.0, 1.0};
}

}  // namespace

std::vector<ScaleColumn> fit_by_statistics(Exec& exec, ScaleMethod method, MatrixView<const float> rows) {
  std::vector<ScaleColumn> out;
  for (const ColumnStatistics& s : column_statistics(exec, rows)) {
    const std::string where = concat("column ", out.size() + 1, ": ");
    CRISP_REQUIRE(s.count > 0, Code::data, where, "no value to fit the scale on");
    CRISP_REQUIRE(std::isfinite(s.low) && std::isfinite(s.high), Code::data, where,
                  "an infinite value cannot be scaled");
    ScaleColumn fitted = from_statistics(method, s);
    if (!(fitted.scale > 0.0) || s.low == s.high)
      fitted.scale = method == ScaleMethod::max_abs && s.high != 0.0 ? fitted.scale : 1.0;
    out.push_back(fitted);
  }
  return out;
}

}  // namespace crisp
