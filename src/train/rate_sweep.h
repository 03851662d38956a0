/// The learning-rate finder: one sweep of steps with a rising rate, and the rate that the losses speak for.
#pragma once

#include <cstdint>
#include <vector>

#include "core/json.h"

namespace crisp {

/// Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3. The rates rise by a constant factor; losses are
/// smoothed by an exponential mean (0.98, corrected for its start); the sweep ends when the smoothed loss is four times the least.
/// The suggestion is where the smoothed loss falls most steeply over the logarithm of the rate, the first tenth left out.
class RateSweep {
 public:
  static constexpr int64_t kSteps = 100;
  static constexpr double kLowest = 1e-7, kHighest = 10;

  /// Of the next step.
  double rate() const;
  /// The loss that the next step began with; one that is not finite ends the sweep.
  void observe(double loss);
  bool finished() const { return finished_; }

  /// The suggested rate; NaN where the loss never fell.
  double suggestion() const;
  /// {"curve": [{"rate", "loss", "smoothed"}], "suggestion"}; null where there is none.
  Json to_json() const;

 private:
  struct Point {
    double rate, loss, smoothed;
  };
  std::vector<Point> curve_;
  double mean_ = 0, least_ = 0;
  bool finished_ = false;
};

}  // namespace crisp
