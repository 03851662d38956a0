#include "train/rate_sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/json_number.h"

namespace crisp {
namespace {

constexpr double kSmoothing = 0.98, kDiverged = 4;

}  // namespace

double RateSweep::rate() const {
  const double share = static_cast<double>(curve_.size()) / static_cast<double>(kSteps - 1);
  return kLowest * std::pow(kHighest / kLowest, share);
}

void RateSweep::observe(double loss) {
  if (!std::isfinite(loss)) {
    finished_ = true;
    return;
  }
  const double steps = static_cast<double>(curve_.size()) + 1;
  mean_ = kSmoothing * mean_ + (1 - kSmoothing) * loss;
  const double smoothed = mean_ / (1 - std::pow(kSmoothing, steps));
  least_ = curve_.empty() ? smoothed : std::min(least_, smoothed);
  curve_.push_back({rate(), loss, smoothed});
  finished_ = curve_.size() == kSteps || (least_ > 0 && smoothed > kDiverged * least_);
}

double RateSweep::suggestion() const {
  double steepest = 0, best = std::numeric_limits<double>::quiet_NaN();
  for (size_t i = kSteps / 10; i + 1 < curve_.size(); ++i) {
    const double slope = (curve_[i + 1].smoothed - curve_[i - 1].smoothed) / 2;
    if (slope >= steepest) continue;
    steepest = slope;
    best = curve_[i].rate;
  }
  return best;
}

Json RateSweep::to_json() const {
  Json curve = Json::array();
  for (const Point& point : curve_) curve.push_back({{"rate", point.rate}, {"loss", point.loss}, {"smoothed", point.smoothed}});
  const double rate = suggestion();
  return {{"curve", std::move(curve)}, {"suggestion", number_or_null(rate)}};
}

}  // namespace crisp
