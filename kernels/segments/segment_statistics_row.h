/// The maths of one segment's statistics, without the loop over its values.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

constexpr double kNotANumber = __builtin_nan("");

/// Running count, sum and extremes of the values that are there. Joins with others for a parallel reduction.
struct SegmentSums {
  int64_t count = 0;
  double sum = 0.0;
  double low = 0.0, high = 0.0;  ///< meaningless while count is 0

  CRISP_HD void add(double value) {
    low = count == 0 || value < low ? value : low;
    high = count == 0 || value > high ? value : high;
    sum += value;
    ++count;
  }
  CRISP_HD void join(const SegmentSums& other) {
    if (other.count == 0) return;
    low = count == 0 || other.low < low ? other.low : low;
    high = count == 0 || other.high > high ? other.high : high;
    sum += other.sum;
    count += other.count;
  }
  CRISP_HD double mean() const { return count > 0 ? sum / static_cast<double>(count) : kNotANumber; }
};

/// Squared distances from the mean: a second pass, so that a large mean does not eat the digits of a small
/// spread. `drift` is the plain sum of distances: zero but for the mean's rounding, which it corrects (Chan
/// et al. 1983).
struct SegmentSpread {
  double squares = 0.0, drift = 0.0;

  CRISP_HD void add(double distance) {
    squares += distance * distance;
    drift += distance;
  }
  CRISP_HD void join(const SegmentSpread& other) {
    squares += other.squares;
    drift += other.drift;
  }
  /// Sample variance (n - 1); NaN below two values.
  CRISP_HD double variance(int64_t count) const {
    if (count < 2) return kNotANumber;
    const double n = static_cast<double>(count);
    const double corrected = squares - drift * drift / n;
    return corrected > 0.0 ? corrected / (n - 1.0) : 0.0;
  }
};

/// Where a percentile lies among `count` ascending values, and how much of the next value belongs to it:
/// linear interpolation, type 7 of Hyndman and Fan (1996), numpy's default.
struct PercentilePlace {
  int64_t index = 0;
  double share = 0.0;
};

CRISP_HD inline PercentilePlace percentile_place(int64_t count, double percent) {
  const double place = percent / 100.0 * static_cast<double>(count - 1);
  const double whole = std::floor(place);
  return {static_cast<int64_t>(whole), place - whole};
}

/// Between two neighbours; from the nearer end. Equal neighbours give themselves, also when they are
/// infinite.
CRISP_HD inline double between(double low, double high, double share) {
  if (low == high || share == 0.0) return low;
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1.0 - share);
}

}  // namespace crisp
