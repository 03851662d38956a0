#include "evaluate/metric_results.h"

#include <algorithm>

#include "core/format.h"

namespace crisp {
namespace {

constexpr int64_t kFewRows = 30;

Interval within(const Interval& interval, const PredictionMetric& metric) {
  if (!metric.interval) return {};
  return {std::clamp(interval.low, metric.lowest, metric.highest),
          std::clamp(interval.high, metric.lowest, metric.highest)};
}

}  // namespace

void add_row_notes(PredictionEvaluation& evaluation) {
  if (evaluation.rows_without_truth > 0)
    evaluation.notes.push_back(
        concat(counted(evaluation.rows_without_truth, "row"), " without a true value left out"));
  if (evaluation.rows < kFewRows)
    evaluation.notes.push_back(
        concat("only ", counted(evaluation.rows, "row"), ": figures and intervals are rough"));
}

void add_metrics(Exec& exec, const BootstrapPlan& plan, const std::vector<const PredictionMetric*>& metrics,
                 const std::vector<double>& values, const ResampleFigures& figures,
                 PredictionEvaluation& evaluation) {
  evaluation.intervals = plan;
  evaluation.intervals.most_rows = std::min(evaluation.rows, plan.most_rows);
  const std::vector<Interval> intervals =
      bootstrap_intervals(exec, plan, evaluation.intervals.most_rows, evaluation.rows, values, figures);
  for (size_t i = 0; i < metrics.size(); ++i)
    evaluation.metrics.push_back({metrics[i], values[i], within(intervals[i], *metrics[i])});
}

}  // namespace crisp
