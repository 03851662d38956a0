/// When a float estimate proves that a row is too far away. The l2 estimate is s = |b|^2 - 2 q.b of shifted rows, which
/// equals |q - b|^2 - |q|^2; near-equal rows cancel in it, so it never gives a distance, it only rules rows out.
///
/// With u = 2^-24 and n columns, |s - exact| <= (2 n + 9) u (|q|^2 + |b|^2) / (1 - n u): the dot product and the first
/// summand (Higham, "Accuracy and Stability of Numerical Algorithms", 3.1), the rounding of |b|^2 and of the shift.
/// relative_slack() is at least that for 2^20 columns and fewer. Its share of |b|^2 is taken from the packed norm, its
/// share of |q|^2 is added to the query's limit. The l1 estimate is a sum of n rounded differences: the same slack is
/// ample.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/host_device.h"
#include "kernels/distance/metric.h"

namespace crisp::distance {

constexpr int64_t kMostColumns = int64_t{1} << 20;
/// Squares beyond this would leave the range of float on the way: such rows are never ruled out.
constexpr double kLargestNorm = 0x1p100;
/// Covers products that underflow.
constexpr double kLeastSlack = 0x1p-100;

CRISP_HD inline double relative_slack(int64_t columns) { return static_cast<double>(columns + 16) * 0x1p-22; }

/// The value that the estimate works with.
CRISP_HD inline float shifted_value(Metric metric, float x, float shift, double scale) {
  if (metric == Metric::l1) return x;
  if (metric == Metric::cosine) return static_cast<float>(static_cast<double>(x) * scale);
  return x - shift;
}

/// A database row's first summand, lowered by its share of the slack; NaN, which no limit rules out, for rows whose
/// estimate cannot be trusted. `scale` 0 marks a row without direction.
CRISP_HD inline float packed_norm(Metric metric, double norm, double scale, double slack) {
  if (metric == Metric::l1) return 0.0f;
  if (!(norm <= kLargestNorm) || (metric == Metric::cosine && scale == 0)) return NAN;
  return static_cast<float>(norm * (1.0 - slack));
}

/// Rows with an estimate above this are further away than `measure`. `norm` is the query's.
CRISP_HD inline float estimate_limit(Metric metric, double measure, double norm, double scale, double slack) {
  double limit = measure * (1.0 + slack);
  if (metric != Metric::l1) {
    if (!(norm <= kLargestNorm) || (metric == Metric::cosine && scale == 0)) return NAN;
    limit = (metric == Metric::cosine ? 2.0 : 1.0) * measure - norm * (1.0 - slack) + kLeastSlack;
  }
  return static_cast<float>(limit + std::fabs(limit) * 0x1p-22 + 0x1p-126);  // rounded up
}

}  // namespace crisp::distance
