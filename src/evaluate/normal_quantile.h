/// The normal distribution's quantiles, and values beside them: are residuals normal?
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace crisp {

/// The value that a standard normal variable stays below with probability `p`; relative error below 1e-14
/// where p is not within 1e-16 of 1/2. p <= 0 gives -infinity, p >= 1 infinity.
double normal_quantile(double p);

struct QuantilePoint {
  double normal;  ///< the quantile where the value would lie
  double value;
};

/// The sorted values beside the normal quantiles at the medians of order statistics (Filliben 1975, as
/// scipy.stats.probplot). At most about `most` points: evenly over the quantiles, so that both tails keep all
/// their values.
std::vector<QuantilePoint> normal_quantile_points(std::span<const double> values, size_t most = 400);

/// Through the quartiles of the points: value = start + slope * normal.
struct QuantileLine {
  double start, slope;
};
QuantileLine quartile_line(std::span<const double> values);

}  // namespace crisp
