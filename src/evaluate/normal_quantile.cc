#include "evaluate/normal_quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "evaluate/quantile.h"

namespace crisp {
namespace {

double normal_cdf(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }
double normal_density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

/// Of the lower half. The start is Abramowitz and Stegun 26.2.23 (off by 4.5e-4); each of Halley's steps
/// cubes the error.
double lower_quantile(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  double z =
      (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int step = 0; step < 2; ++step) {
    const double off = (normal_cdf(z) - p) / normal_density(z);
    z -= off / (1 + z * off / 2);
  }
  return z;
}

/// The probability at which the i-th of n sorted values (from 0) lies in the middle of its possibilities.
double order_median(size_t i, size_t n) {
  const double end = std::pow(0.5, 1 / static_cast<double>(n));
  if (i + 1 == n) return end;
  return i == 0 ? 1 - end : (static_cast<double>(i) + 1 - 0.3175) / (static_cast<double>(n) + 0.365);
}

/// Which of n sorted values are shown: all, or those nearest to evenly spaced normal quantiles.
std::vector<size_t> shown_ranks(size_t n, size_t most) {
  std::vector<size_t> ranks;
  const double edge = n < 2 ? 0 : normal_quantile(order_median(n - 1, n));
  for (size_t i = 0; i < std::min(n, most); ++i) {
    const double z = edge * (2 * static_cast<double>(i) / static_cast<double>(most - 1) - 1);
    const auto rank =
        n <= most ? i : std::min(n - 1, static_cast<size_t>(normal_cdf(z) * static_cast<double>(n)));
    if (ranks.empty() || rank > ranks.back()) ranks.push_back(rank);
  }
  if (!ranks.empty()) ranks.front() = 0;
  if (!ranks.empty() && ranks.back() != n - 1) ranks.push_back(n - 1);
  return ranks;
}

}  // namespace

double normal_quantile(double p) {
  if (!(p > 0)) return -std::numeric_limits<double>::infinity();
  if (p >= 1) return std::numeric_limits<double>::infinity();
  return p <= 0.5 ? lower_quantile(p) : -lower_quantile(1 - p);
}

std::vector<QuantilePoint> normal_quantile_points(std::span<const double> values, size_t most) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<QuantilePoint> points;
  for (const size_t rank : shown_ranks(sorted.size(), std::max<size_t>(most, 2)))
    points.push_back({normal_quantile(order_median(rank, sorted.size())), sorted[rank]});
  return points;
}

QuantileLine quartile_line(std::span<const double> values) {
  std::vector<double> all(values.begin(), values.end());
  if (all.empty()) return {0, 0};
  std::sort(all.begin(), all.end());
  const double low = quantile_of_sorted(all, 0.25), high = quantile_of_sorted(all, 0.75);
  return {(low + high) / 2, (high - low) / (2 * normal_quantile(0.75))};
}

}  // namespace crisp
