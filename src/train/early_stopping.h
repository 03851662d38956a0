/// When to stop, and which epoch (or round) to go back to: by a metric on rows that were not trained on.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/json.h"

namespace crisp {

struct EarlyStoppingPlan {
  int64_t patience = 16;   ///< ticks without improvement that are borne; 0: never stop early
  double min_delta = 0;    ///< an improvement is more than this, in the metric's own units; >= 0
  bool maximise = false;   ///< the metric is better when it is larger
};

class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingPlan& plan);

  /// The metric after the next tick (counted from 0). True where it is the best so far: keep this model. One that is not finite never is.
  bool observe(double metric);
  bool should_stop() const;

  /// The tick to restore; -1 before the first finite one.
  int64_t best_tick() const { return best_tick_; }
  double best() const { return best_; }
  const std::vector<double>& history() const { return history_; }

  /// The whole history: restoring observes it again.
  Json state() const;
  /// Inverse of state(), into a fresh one; Code::data for anything else.
  void restore(const Json& state);

 private:
  EarlyStoppingPlan plan_;
  std::vector<double> history_;
  double best_ = std::numeric_limits<double>::quiet_NaN();
  int64_t best_tick_ = -1;
};

}  // namespace crisp
