/// Statistics of two parts of a column as those of the whole.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/statistics/column_statistics_row.h"

namespace crisp {

/// Joins central moments (Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
/// statistical moments", SAND2008-6212, eqs. 2.1 and 3.1). Each part has its own pivot, so a column whose parts lie far
/// apart loses nothing. Relative error of a join about 1e-15 of the larger moment.
inline ColumnStatistics joined(const ColumnStatistics& a, const ColumnStatistics& b) {
  ColumnStatistics out = a.count > 0 ? a : b;
  out.missing = a.missing + b.missing;
  if (a.count == 0 || b.count == 0) return out;
  struct Moments {
    double n, m2, m3, m4;
    explicit Moments(const ColumnStatistics& s) : n(static_cast<double>(s.count)), m2(0), m3(0), m4(0) {
      if (s.count < 2 || s.variance == 0) return;
      m2 = s.variance * (n - 1);
      const double spread = m2 / n;
      m3 = s.skewness * spread * std::sqrt(spread) * n;
      m4 = (s.kurtosis + 3) * spread * spread * n;
    }
  };
  const Moments x(a), y(b);
  const double n = x.n + y.n, d = b.mean - a.mean, step = d / n;
  const double m2 = x.m2 + y.m2 + d * step * x.n * y.n;
  const double m3 = x.m3 + y.m3 + d * step * step * x.n * y.n * (x.n - y.n) + 3 * step * (x.n * y.m2 - y.n * x.m2);
  const double m4 = x.m4 + y.m4 + d * step * step * step * x.n * y.n * (x.n * x.n - x.n * y.n + y.n * y.n) +
                    6 * step * step * (x.n * x.n * y.m2 + y.n * y.n * x.m2) + 4 * step * (x.n * y.m3 - y.n * x.m3);
  out.count = a.count + b.count;
  out.mean = a.mean + step * y.n;
  out.low = std::min(a.low, b.low);
  out.high = std::max(a.high, b.high);
  out.variance = m2 / (n - 1);
  const double spread = m2 / n;
  out.skewness = spread > 0 ? m3 / n / (spread * std::sqrt(spread)) : NAN;
  out.kurtosis = spread > 0 ? m4 / n / (spread * spread) - 3 : NAN;
  return out;
}

}  // namespace crisp
