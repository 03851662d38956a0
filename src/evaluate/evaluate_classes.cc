#include <algorithm>

#include "core/format.h"
#include "cuda/error.h"
#include "evaluate/metric_results.h"
#include "evaluate/prediction_evaluation.h"
#include "report/chart_histogram.h"

namespace crisp {
namespace {

constexpr int kProbabilityBins = 20;
constexpr int64_t kLeastSampledRows = 4096;

/// Chosen rows of predictions, in memory of their own.
class ChosenRows {
 public:
  ChosenRows(const ClassPredictions& all, std::span<const int64_t> rows) : classes_(all.classes) {
    const int64_t columns = all.probabilities.columns;
    for (const int64_t row : rows) {
      truth_.push_back(all.truth[static_cast<size_t>(row)]);
      probabilities_.insert(probabilities_.end(), all.probabilities.row(row),
                            all.probabilities.row(row) + columns);
    }
  }
  ClassPredictions view() const {
    const auto rows = std::ssize(truth_), columns = std::ssize(classes_);
    return {truth_, {probabilities_.data(), rows, columns, columns}, classes_};
  }

 private:
  std::vector<int32_t> truth_;
  std::vector<double> probabilities_;
  std::span<const std::string> classes_;
};

std::vector<int64_t> rows_with_truth(const ClassPredictions& predictions) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < predictions.truth.size(); ++i) {
    if (predictions.truth[i] != -1) rows.push_back(static_cast<int64_t>(i));
  }
  return rows;
}

std::vector<double> values_of(const std::vector<const PredictionMetric*>& metrics,
                              const ClassificationFigures& figures) {
  std::vector<double> values;
  for (const PredictionMetric* metric : metrics) values.push_back(figures.*metric->of_classes);
  return values;
}

/// Ranking costs a pass a class, so that fewer rows of many classes are resampled.
BootstrapPlan plan_of(BootstrapPlan plan, int64_t classes) {
  if (classes > 2)
    plan.most_rows = std::min(plan.most_rows, std::max(kLeastSampledRows, 2 * plan.most_rows / classes));
  return plan;
}

NamedHistogram probability_histogram(const ClassPredictions& predictions) {
  const bool two = predictions.classes.size() == 2;
  NamedHistogram histogram;
  histogram.names = two ? std::vector<std::string>{predictions.classes[0], predictions.classes[1]}
                        : std::vector<std::string>{"right", "wrong"};
  std::vector<std::vector<double>> values(2);
  for (size_t i = 0; i < predictions.truth.size(); ++i) {
    const MatrixView<const double>& matrix = predictions.probabilities;
    const double* given = matrix.row(static_cast<int64_t>(i));
    const int64_t answer = most_probable({given, static_cast<size_t>(matrix.columns)});
    values[two ? predictions.truth[i] == 1 : predictions.truth[i] != answer].push_back(
        given[two ? 1 : answer]);
  }
  for (int bin = 0; bin <= kProbabilityBins; ++bin)
    histogram.edges.push_back(static_cast<double>(bin) / kProbabilityBins);
  for (const auto& of_name : values) histogram.counts.push_back(report::bin_counts(of_name, histogram.edges));
  return histogram;
}

/// "'a', 'b' and 3 more", the classes for which `chosen` holds; "" without one.
template <class Chosen>
std::string listed(const std::vector<std::string>& names, Chosen chosen) {
  constexpr size_t kShown = 5;
  std::string text;
  size_t found = 0;
  for (size_t k = 0; k < names.size(); ++k) {
    if (!chosen(static_cast<int64_t>(k)) || ++found > kShown) continue;
    text += concat(text.empty() ? "" : ", ", "'", names[k], "'");
  }
  return found > kShown ? concat(text, " and ", found - kShown, " more") : text;
}

void add_class_notes(PredictionEvaluation& evaluation) {
  const ConfusionMatrix& matrix = evaluation.classes.judged.confusion;
  const auto occurs = [&](int64_t k) { return matrix.support(k) > 0; };
  const auto never_answered = [&](int64_t k) { return occurs(k) && matrix.predicted(k) == 0; };
  const std::string absent = listed(evaluation.classes.names, [&](int64_t k) { return !occurs(k); });
  if (matrix.classes_in_truth() == 1) {
    evaluation.notes.push_back(concat(
        "the truth has one class only, ", listed(evaluation.classes.names, occurs),
        ": figures that compare classes (roc_auc, average_precision, mcc, balanced_accuracy) are not given"));
  } else if (!absent.empty()) {
    evaluation.notes.push_back(
        concat("not in the truth: ", absent,
               "; roc_auc, average_precision and balanced_accuracy are means over the other classes"));
  }
  const std::string never = listed(evaluation.classes.names, never_answered);
  if (!never.empty())
    evaluation.notes.push_back(concat("never predicted: ", never, "; precision counts as 0 in averages"));
}

}  // namespace

PredictionEvaluation evaluate_classes(Exec& exec, const ClassPredictions& given,
                                      const PredictionEvaluationPlan& plan) {
  PredictionEvaluation evaluation;
  evaluation.task = Task::classification;
  const std::vector<int64_t> judged = rows_with_truth(given);
  evaluation.rows = std::ssize(judged);
  evaluation.rows_without_truth = std::ssize(given.truth) - evaluation.rows;
  const bool all = evaluation.rows_without_truth == 0;
  const ChosenRows labelled(given, all ? std::span<const int64_t>() : judged);
  const ClassPredictions predictions = all ? given : labelled.view();
  evaluation.classes.judged = judge_classification(exec, predictions, plan.classification);
  evaluation.classes.names.assign(given.classes.begin(), given.classes.end());
  evaluation.classes.probabilities = probability_histogram(predictions);
  add_row_notes(evaluation);
  add_class_notes(evaluation);

  const auto metrics = metrics_of(Task::classification, std::ssize(given.classes));
  const BootstrapPlan intervals = plan_of(plan.intervals, std::ssize(given.classes));
  const RankedPredictions sample(ChosenRows(predictions, bootstrap_rows(evaluation.rows, intervals)).view());
  add_metrics(
      exec, intervals, metrics, values_of(metrics, evaluation.classes.judged.figures),
      [&](RowCounts counts) { return values_of(metrics, sample.figures(counts)); }, evaluation);
  return evaluation;
}

}  // namespace crisp
