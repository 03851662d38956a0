#include "train/early_stopping.h"

#include <cmath>

#include "core/json_number.h"
#include "cuda/error.h"

namespace crisp {

EarlyStopping::EarlyStopping(const EarlyStoppingPlan& plan) : plan_(plan) {
  CRISP_REQUIRE(plan.patience >= 0, Code::config, "early stopping: patience must be at least 0");
  CRISP_REQUIRE(plan.min_delta >= 0 && std::isfinite(plan.min_delta), Code::config,
                "early stopping: min_delta must be at least 0");
}

bool EarlyStopping::observe(double metric) {
  const auto tick = static_cast<int64_t>(history_.size());
  history_.push_back(metric);
  const double gain = plan_.maximise ? metric - best_ : best_ - metric;
  const bool better = std::isfinite(metric) && (best_tick_ < 0 || gain > plan_.min_delta);
  if (!better) return false;
  best_ = metric;
  best_tick_ = tick;
  return true;
}

bool EarlyStopping::should_stop() const {
  const auto since_best = static_cast<int64_t>(history_.size()) - 1 - best_tick_;
  return plan_.patience > 0 && since_best >= plan_.patience;
}

Json EarlyStopping::state() const {
  Json history = Json::array();
  for (const double metric : history_) history.push_back(number_or_null(metric));
  return {{"history", std::move(history)}};
}

void EarlyStopping::restore(const Json& state) {
  CRISP_ASSERT(history_.empty());
  CRISP_REQUIRE(state.is_object() && state.contains("history") && state["history"].is_array(), Code::data,
                "the early stopping's state has no history");
  for (const Json& metric : state["history"]) {
    CRISP_REQUIRE(metric.is_null() || metric.is_number(), Code::data, "the early stopping's history holds something else than numbers");
    observe(metric.is_null() ? std::numeric_limits<double>::quiet_NaN() : metric.get<double>());
  }
}

}  // namespace crisp
