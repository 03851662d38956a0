/// A predicting model's test rows judged: every figure with its interval, and what charts and tables are
/// drawn from.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "evaluate/bootstrap.h"
#include "evaluate/normal_quantile.h"
#include "evaluate/prediction_metric.h"

namespace crisp {

struct MetricResult {
  const PredictionMetric* metric;
  double value;
  Interval interval;
};

/// Counts over common bins, by a name.
struct NamedHistogram {
  std::vector<double> edges;
  std::vector<std::string> names;
  std::vector<std::vector<double>> counts;  ///< one a name, each one less than edges
};

struct ClassDetails {
  std::vector<std::string> names;
  Classification judged;
  /// Two classes: the second's probability by the truth. More: the largest probability by right and wrong.
  NamedHistogram probabilities;
};

/// Errors are predicted - true.
struct NumberDetails {
  std::vector<double> truth, predicted;  ///< of some rows, evenly out of all
  NamedHistogram errors;
  std::vector<QuantilePoint> error_quantiles;
  QuantileLine quantile_line{0, 0};
};

struct PredictionEvaluation {
  Task task = Task::classification;
  int64_t rows = 0, rows_without_truth = 0;  ///< the latter count nowhere
  std::vector<MetricResult> metrics;
  std::vector<std::string> notes;  ///< what was left out, what is not defined and why; one sentence each
  BootstrapPlan intervals;         ///< how they were found; its most_rows: how many rows were resampled
  ClassDetails classes;            ///< of a classification
  NumberDetails numbers;           ///< of a regression

  /// nullptr where the metric is not one of this evaluation.
  const MetricResult* find(const std::string& metric) const;
  /// "3 classes" or "a regression".
  std::string kind() const;
  /// Metrics by their names, "intervals", and of classes "confusion" and "classes"; null where not defined.
  Json to_json() const;
};

struct PredictionEvaluationPlan {
  BootstrapPlan intervals = {};
  ClassificationPlan classification = {};
};

/// A truth of -1 is a row without one. Code::data: require_class_predictions().
PredictionEvaluation evaluate_classes(Exec& exec, const ClassPredictions& predictions,
                                      const PredictionEvaluationPlan& plan = {});
/// A truth of NaN is a row without one. Code::data: require_number_predictions().
PredictionEvaluation evaluate_numbers(Exec& exec, const NumberPredictions& predictions,
                                      const PredictionEvaluationPlan& plan = {});

}  // namespace crisp
