#include "explain/permutation.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "core/progress.h"
#include "cuda/error.h"

namespace crisp {
namespace {

/// Judges answers for the rows with a known truth.
class Judge {
 public:
  Judge(const PredictionMetric& metric, const Target& target, const std::vector<double>& truth) : metric_(metric), target_(target) {
    for (size_t i = 0; i < truth.size(); ++i) {
      if (std::isfinite(truth[i])) known_.push_back(i), truth_.push_back(truth[i]);
    }
    classes_.assign(truth_.begin(), truth_.end());
  }

  int64_t known() const { return static_cast<int64_t>(known_.size()); }

  double operator()(const Predictions& predictions) const {
    const auto width = static_cast<int64_t>(target_.is_classes() ? predictions.outputs : 1);
    std::vector<double> values;
    values.reserve(known_.size() * static_cast<size_t>(width));
    for (const size_t i : known_) {
      const auto first = predictions.values.begin() + static_cast<std::ptrdiff_t>(i) * width;
      values.insert(values.end(), first, first + width);
    }
    if (!target_.is_classes()) return PreparedRegression({truth_, values}).figures().*metric_.of_numbers;
    return RankedPredictions({classes_, {values.data(), known(), width, width}, target_.classes()}).figures().*metric_.of_classes;
  }

  double loss(double before, double after) const {
    if (metric_.better == Better::nearest_zero) return std::fabs(after) - std::fabs(before);
    return metric_.better == Better::higher ? before - after : after - before;
  }

 private:
  const PredictionMetric& metric_;
  const Target& target_;
  std::vector<size_t> known_;  // places among the answers
  std::vector<double> truth_;
  std::vector<int32_t> classes_;
};

Permuted summary(const std::vector<double>& losses) {
  const auto count = static_cast<double>(losses.size());
  double sum = 0, squares = 0;
  for (const double loss : losses) sum += loss;
  for (const double loss : losses) squares += (loss - sum / count) * (loss - sum / count);
  return {sum / count, count > 1 ? std::sqrt(squares / (count - 1)) : kUndefined};
}

std::string names_of(const std::vector<const PredictionMetric*>& metrics) {
  std::string names;
  for (const PredictionMetric* metric : metrics) names += concat(names.empty() ? "" : ", ", metric->name);
  return names;
}

}  // namespace

const PredictionMetric& permutation_metric(const std::string& name, const Target& target) {
  const PredictionMetric& metric = find_prediction_metric(!name.empty() ? name : target.is_classes() ? "roc_auc" : "rmse");
  const Task task = target.is_classes() ? Task::classification : Task::regression;
  const auto fitting = metrics_of(task, static_cast<int64_t>(target.classes().size()));
  if (std::find(fitting.begin(), fitting.end(), &metric) != fitting.end()) return metric;
  throw Error(Code::usage, concat("--metric ", metric.name, " does not judge ", target.column()), "take one of " + names_of(fitting));
}

PermutationImportance permutation_importance(Exec& exec, const ExplainedRows& rows, const Predictions& predictions,
                                             const std::vector<InputColumn>& columns, const PermutationPlan& plan) {
  const Target& target = rows.pipeline().target();
  PermutationImportance found{&permutation_metric(plan.metric, target)};
  const Judge judge(*found.metric, target, rows.pipeline().truths(predictions));
  found.rows = judge.known();
  CRISP_REQUIRE(found.rows > 0, Code::data, "no row has a ", target.column(), " that the model knows: permutation importance needs it");
  found.before = judge(predictions);
  if (!std::isfinite(found.before)) {
    throw Error(Code::data, concat(found.metric->name, " is not defined on these rows: all have the same ", target.column()),
                target.is_classes() ? "give rows of every class, or --metric accuracy" : "give more rows, or another --metric");
  }
  const auto given = std::count_if(columns.begin(), columns.end(), [](const InputColumn& column) { return column.given; });
  Progress progress("permuting columns", given * plan.repeats, "answers");
  for (const InputColumn& column : columns) {
    std::vector<double> losses;
    for (int64_t repeat = 0; column.given && repeat < plan.repeats; ++repeat) {
      const Predictions moved = rows.predict(exec, shuffled(rows.rows(), column.name, plan.seed, static_cast<uint64_t>(repeat)));
      losses.push_back(judge.loss(found.before, judge(moved)));
      progress.step();
    }
    found.columns.push_back(losses.empty() ? Permuted() : summary(losses));
  }
  return found;
}

}  // namespace crisp
