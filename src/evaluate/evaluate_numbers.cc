#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "evaluate/metric_results.h"
#include "evaluate/prediction_evaluation.h"
#include "report/chart_histogram.h"

namespace crisp {
namespace {

constexpr int64_t kShownRows = 1500;
constexpr int kErrorBins = 40;

struct ChosenRows {
  ChosenRows(const NumberPredictions& all, std::span<const int64_t> rows) {
    for (const int64_t row : rows) {
      truth.push_back(all.truth[static_cast<size_t>(row)]);
      predicted.push_back(all.predicted[static_cast<size_t>(row)]);
    }
  }
  NumberPredictions view() const { return {truth, predicted}; }
  std::vector<double> truth, predicted;
};

std::vector<int64_t> rows_with_truth(const NumberPredictions& predictions) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < predictions.truth.size(); ++i) {
    if (!std::isnan(predictions.truth[i])) rows.push_back(static_cast<int64_t>(i));
  }
  return rows;
}

std::vector<double> values_of(const std::vector<const PredictionMetric*>& metrics,
                              const RegressionFigures& figures) {
  std::vector<double> values;
  for (const PredictionMetric* metric : metrics) values.push_back(figures.*metric->of_numbers);
  return values;
}

NumberDetails details_of(const NumberPredictions& predictions) {
  NumberDetails details;
  ChosenRows shown(predictions, bootstrap_rows(std::ssize(predictions.truth), {.most_rows = kShownRows}));
  details.truth = std::move(shown.truth), details.predicted = std::move(shown.predicted);
  std::vector<double> errors;
  for (size_t i = 0; i < predictions.truth.size(); ++i)
    errors.push_back(predictions.predicted[i] - predictions.truth[i]);
  details.errors.edges = report::even_edges({errors}, kErrorBins, false);
  details.errors.names = {"predicted - true"};
  details.errors.counts = {report::bin_counts(errors, details.errors.edges)};
  details.error_quantiles = normal_quantile_points(errors);
  details.quantile_line = quartile_line(errors);
  return details;
}

void add_number_notes(const RegressionFigures& figures, int64_t zero_truths,
                      PredictionEvaluation& evaluation) {
  if (std::isnan(figures.r2)) evaluation.notes.push_back("all true values are equal: r2 is not defined");
  if (zero_truths > 0) {
    evaluation.notes.push_back(
        concat("the true value of ", counted(zero_truths, "row"), " of ", format_count(evaluation.rows),
               " is 0: mape divides by 2^-52 there, as scikit-learn does, and says little"));
  }
}

}  // namespace

PredictionEvaluation evaluate_numbers(Exec& exec, const NumberPredictions& given,
                                      const PredictionEvaluationPlan& plan) {
  PredictionEvaluation evaluation;
  evaluation.task = Task::regression;
  const ChosenRows judged(given, rows_with_truth(given));
  const NumberPredictions predictions = judged.view();
  require_number_predictions(predictions);
  evaluation.rows = std::ssize(predictions.truth);
  evaluation.rows_without_truth = std::ssize(given.truth) - evaluation.rows;
  evaluation.numbers = details_of(predictions);
  const PreparedRegression all(predictions);
  const RegressionFigures figures = all.figures();
  add_row_notes(evaluation);
  add_number_notes(figures, all.zero_truths(), evaluation);

  const auto metrics = metrics_of(Task::regression, 0);
  const PreparedRegression sample(
      ChosenRows(predictions, bootstrap_rows(evaluation.rows, plan.intervals)).view());
  add_metrics(
      exec, plan.intervals, metrics, values_of(metrics, figures),
      [&](RowCounts counts) { return values_of(metrics, sample.figures(counts)); }, evaluation);
  return evaluation;
}

}  // namespace crisp
