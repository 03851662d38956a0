/// The maths of column statistics: what is kept of the values of one column, and what it means in the end.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

/// Rows of a chunk and of each of its 16 virtual lanes: lane l of a chunk sums rows [256 l, 256 l + 256) in
/// order.
constexpr int64_t kStatisticsChunk = 4096;
constexpr int kStatisticsLanes = 16;
constexpr int64_t kStatisticsLaneRows = kStatisticsChunk / kStatisticsLanes;

/// Sums of the powers of x - pivot over the values that are there. They add up, in any order of pieces but to
/// the same bits only in the same order, which is why every engine keeps to the lanes above.
struct PowerSums {
  double power1 = 0.0, power2 = 0.0, power3 = 0.0, power4 = 0.0;
  int64_t count = 0;
  double low = HUGE_VAL, high = -HUGE_VAL;

  CRISP_HD void add(double value, double pivot) {
    if (value != value) return;  // NaN is a missing value
    const double d = value - pivot, square = d * d;
    power1 += d;
    power2 += square;
    power3 += square * d;
    power4 += square * square;
    low = value < low ? value : low;
    high = value > high ? value : high;
    ++count;
  }
  CRISP_HD void join(const PowerSums& other) {
    power1 += other.power1;
    power2 += other.power2;
    power3 += other.power3;
    power4 += other.power4;
    count += other.count;
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
};

struct ColumnStatistics {
  int64_t count = 0, missing = 0;
  double mean = NAN;
  double variance = NAN;  ///< sample variance (n - 1); NaN below two values
  double skewness = NAN;  ///< m3 / m2^1.5, as scipy.stats.skew; NaN for a constant column
  double kurtosis = NAN;  ///< excess: m4 / m2^2 - 3, as scipy.stats.kurtosis; NaN for a constant column
  double low = NAN, high = NAN;
  double pivot = 0.0;  ///< what the sums were taken about: the median of some rows, 0 where they were missing
};

/// Central moments from sums about the pivot (binomial expansion).
CRISP_HD inline ColumnStatistics finish_statistics(const PowerSums& sums, double pivot, int64_t rows) {
  ColumnStatistics out;
  out.count = sums.count;
  out.missing = rows - sums.count;
  out.pivot = pivot;
  if (sums.count == 0) return out;
  const double n = static_cast<double>(sums.count);
  const double shift = sums.power1 / n;
  const double raw2 = sums.power2 / n, raw3 = sums.power3 / n, raw4 = sums.power4 / n;
  const double central2 = raw2 - shift * shift;
  const double central3 = raw3 - 3.0 * shift * raw2 + 2.0 * shift * shift * shift;
  const double central4 =
      raw4 - 4.0 * shift * raw3 + 6.0 * shift * shift * raw2 - 3.0 * shift * shift * shift * shift;
  const double m2 = central2 > 0.0 && sums.low < sums.high ? central2 : 0.0;
  out.mean = pivot + shift;
  out.low = sums.low;
  out.high = sums.high;
  if (sums.count > 1) out.variance = m2 * (n / (n - 1.0));
  if (m2 > 0.0) {
    out.skewness = central3 / (m2 * std::sqrt(m2));
    out.kurtosis = central4 / (m2 * m2) - 3.0;
  }
  return out;
}

}  // namespace crisp
