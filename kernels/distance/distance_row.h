/// The distance of two rows, in double and in one fixed order: what neighbours and clusters are decided by. Every faster
/// estimate only says which pairs need not be looked at (distance_bound.h), so all engines give the same bits.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/exact_math.h"
#include "cuda/host_device.h"
#include "kernels/distance/metric.h"

namespace crisp::distance {

/// Lane l sums columns l, l + 8, l + 16 ...; lanes are folded by halves.
constexpr int kLanesOfSum = 8;

CRISP_HD inline double fold_lanes(const double* lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

CRISP_HD inline double square(double x) { return x * x; }

/// One over the length of a row; 0 for a row of zeros, which has no direction; NaN where a value is not finite.
CRISP_HD inline double direction_scale(const float* row, int64_t columns) {
  double lane[kLanesOfSum] = {};
  for (int64_t j = 0; j < columns; j += kLanesOfSum) {
    for (int l = 0; l < kLanesOfSum; ++l) {
      if (j + l < columns) lane[l] += square(static_cast<double>(row[j + l]));
    }
  }
  const double sum = fold_lanes(lane);
  if (sum == 0) return 0;
  return sum < HUGE_VAL ? 1.0 / std::sqrt(sum) : NAN;
}

/// One column's part. `scale_*` are of direction_scale(), for the cosine distance alone.
template <Metric metric>
CRISP_HD inline double column_part(double a, double scale_a, double b, double scale_b) {
  if constexpr (metric == Metric::l1) {
    return std::fabs(a - b);
  } else if constexpr (metric == Metric::cosine) {
    return square(a * scale_a - b * scale_b);
  } else {
    return square(a - b);
  }
}

/// What a sum of column parts means: squared length for both l2 metrics, for cosine |a/|a| - b/|b||^2 / 2 = 1 - cos,
/// which keeps its digits where 1 - cos itself has lost them. A row without direction is at 1 from every other.
template <Metric metric>
CRISP_HD inline double measure_of(double sum, double scale_a, double scale_b) {
  if constexpr (metric != Metric::cosine) return sum;
  return scale_a == 0 || scale_b == 0 ? (sum == sum ? 1.0 : sum) : 0.5 * sum;
}

/// The measure that rows are compared by. NaN where a difference is (a missing value, infinity less infinity).
template <Metric metric>
CRISP_HD inline double row_measure(const float* a, double scale_a, const float* b, double scale_b, int64_t columns) {
  double lane[kLanesOfSum] = {};
  for (int64_t j = 0; j < columns; j += kLanesOfSum) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
    for (int l = 0; l < kLanesOfSum; ++l) {
      if (j + l >= columns) continue;
      lane[l] += column_part<metric>(static_cast<double>(a[j + l]), scale_a, static_cast<double>(b[j + l]), scale_b);
    }
  }
  return measure_of<metric>(fold_lanes(lane), scale_a, scale_b);
}

/// The distance that people see.
CRISP_HD inline float distance_of(Metric metric, double measure) {
  return static_cast<float>(metric == Metric::l2 ? std::sqrt(measure) : measure);
}

/// Orders measures as unsigned integers: numbers ascending, then infinity, then NaN.
CRISP_HD inline uint64_t measure_key(double measure) {
  return measure == measure ? double_bits(measure) : exact::kNanBits;
}

/// A row and how near it is. Of two equally near ones the one with the lower index comes first.
struct Neighbour {
  uint64_t key;
  int64_t id;
};

/// Later than every row; its key is a NaN as a double.
CRISP_HD inline Neighbour nobody() { return {~uint64_t{0}, 0x7fffffffffffffff}; }

CRISP_HD inline bool comes_before(const Neighbour& a, const Neighbour& b) {
  return a.key < b.key || (a.key == b.key && a.id < b.id);
}

}  // namespace crisp::distance
