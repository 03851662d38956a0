/// The sum of one pair in float: columns in order, in blocks of 64 that are added up after each other, so that its
/// relative error stays below about (32 + columns / 128) 2^-23 and lanes, threads and engines give the same bits.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/host_device.h"
#include "kernels/distance/metric.h"

namespace crisp::distance {

constexpr int64_t kColumnBlock = 64;

/// What a sum of squares (l1: of absolute values) means as a distance. For cosine the rows have length one, or zero.
CRISP_HD inline float direct_distance(Metric metric, float sum, double scale_a, double scale_b) {
  if (metric == Metric::l2) return std::sqrt(sum);
  if (metric != Metric::cosine) return sum;
  return (scale_a == 0 || scale_b == 0) && sum == sum ? 1.0f : 0.5f * sum;
}

}  // namespace crisp::distance
