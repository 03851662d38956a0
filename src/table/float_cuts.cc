#include "table/float_cuts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

float next(float x) { return std::nextafter(x, std::numeric_limits<float>::infinity()); }
float previous(float x) { return std::nextafter(x, -std::numeric_limits<float>::infinity()); }

/// Never infinite.
float nearest_float(double x) {
  if (std::fabs(x) >= static_cast<double>(kLargest)) return x > 0 ? kLargest : -kLargest;
  return static_cast<float>(x);
}

float largest_not_above(double threshold) {
  const float near = nearest_float(threshold);
  return static_cast<double>(near) > threshold && near > -kLargest ? previous(near) : near;
}

}  // namespace

FloatCuts::FloatCuts(std::vector<double> thresholds) : thresholds_(std::move(thresholds)) {
  std::sort(thresholds_.begin(), thresholds_.end());
  thresholds_.erase(std::unique(thresholds_.begin(), thresholds_.end()), thresholds_.end());
  for (const double threshold : thresholds_) {
    CRISP_ASSERT(std::isfinite(threshold));
    const float below = largest_not_above(threshold);
    floats_.push_back(floats_.empty() || below > floats_.back() ? below : next(floats_.back()));
  }
  // What lies above the last needs a float, too.
  float above = kLargest;
  for (auto cut = floats_.rbegin(); cut != floats_.rend() && *cut >= above; ++cut) above = *cut = previous(above);
}

float FloatCuts::of(double threshold) const {
  const auto found = std::lower_bound(thresholds_.begin(), thresholds_.end(), threshold);
  CRISP_ASSERT(found != thresholds_.end() && *found == threshold);
  return floats_[static_cast<size_t>(found - thresholds_.begin())];
}

double FloatCuts::narrow(double x) const {
  if (!std::isfinite(x)) return x;
  const auto place = static_cast<size_t>(std::lower_bound(thresholds_.begin(), thresholds_.end(), x) - thresholds_.begin());
  float value = nearest_float(x);
  if (place > 0) value = std::max(value, next(floats_[place - 1]));
  if (place < floats_.size()) value = std::min(value, floats_[place]);
  return static_cast<double>(value);
}

}  // namespace crisp
