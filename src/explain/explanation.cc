#include "explain/explanation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"
#include "core/log.h"
#include "cuda/error.h"
#include "explain/small_trees.h"

namespace crisp {
namespace {

/// The truth under the name that the model knows it by.
Table with_target(const Table& raw, const ExplainPlan& plan, const Target& target) {
  if (plan.target.empty() || plan.target == target.column()) return raw;
  return raw.with_column_of(target.column(), raw, plan.target);
}

const Explainable* explainable(const PredictionPipeline& pipeline) {
  return pipeline.forecast() ? nullptr : pipeline.model().explainable();
}

void add_splits(const Explainable& model, std::vector<ColumnImportance>& columns) {
  const std::optional<ColumnSplits> splits = model.splits();
  if (!splits) return;
  for (ColumnImportance& column : columns) {
    if (column.column.features.empty()) continue;  // what the model makes of it stands with the columns made of it
    column.splits = 0;
    if (!splits->gain.empty()) column.gain = 0;
    for (const int64_t j : column.column.features) {
      column.splits += static_cast<double>(splits->count[static_cast<size_t>(j)]);
      if (!splits->gain.empty()) column.gain += splits->gain[static_cast<size_t>(j)];
    }
  }
}

/// By what says most of the model, the same for all columns; those that it says nothing of are the last.
double weight_of(const Explanation& found, const ColumnImportance& column) {
  const double measure = found.shapley ? column.shapley : found.permutation ? column.permuted.mean : column.gain;
  return std::isfinite(measure) ? measure : -std::numeric_limits<double>::infinity();
}

template <class T>
void reorder(std::vector<T>& values, const std::vector<size_t>& order) {
  std::vector<T> sorted;
  for (const size_t place : order) sorted.push_back(values[place]);
  values = std::move(sorted);
}

void sort_columns(Explanation& found) {
  std::vector<size_t> order(found.columns.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return weight_of(found, found.columns[a]) > weight_of(found, found.columns[b]); });
  reorder(found.columns, order);
  if (!found.shapley) return;
  ShapleyValues& shapley = *found.shapley;
  reorder(shapley.mean_absolute, order);
  for (size_t row = 0; row < shapley.rows(); ++row) {
    const auto first = shapley.values.begin() + static_cast<std::ptrdiff_t>(row * shapley.columns);
    std::vector<double> own(first, first + static_cast<std::ptrdiff_t>(shapley.columns));
    reorder(own, order);
    std::copy(own.begin(), own.end(), first);
  }
}

/// Those that were asked for, or the highest, the median and the lowest margin.
std::vector<ShownRow> rows_to_show(const std::vector<int64_t>& wanted, const std::vector<int64_t>& numbers, const std::vector<double>& margin) {
  std::vector<ShownRow> shown;
  for (const int64_t number : wanted) shown.push_back({static_cast<size_t>(std::lower_bound(numbers.begin(), numbers.end(), number) - numbers.begin())});
  if (!wanted.empty()) return shown;
  std::vector<size_t> order(margin.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return margin[a] > margin[b]; });
  shown.push_back({order.front(), "the highest"});
  if (order.size() > 2) shown.push_back({order[order.size() / 2], "the median"});
  if (order.size() > 1) shown.push_back({order.back(), "the lowest"});
  return shown;
}

/// Where it was not asked for, and something else can be said, a note says why there is none.
void add_permutation(Exec& exec, const ExplainedRows& rows, const Predictions& predictions, const ExplainPlan& plan,
                     const std::vector<InputColumn>& inputs, Explanation& found) {
  const std::string& target = rows.pipeline().target().column();
  try {
    if (!rows.rows().has(target)) {
      throw Error(Code::data, concat("there is no column '", target, "': permutation importance needs the truth"),
                  "--target names it where it has another name");
    }
    found.permutation = permutation_importance(exec, rows, predictions, inputs, plan.permutation);
  } catch (const Error& error) {
    if (error.code() != Code::data || plan.permutation_wanted || !found.shapley) throw;
    found.notes.push_back(error.what());
    return;
  }
  for (size_t c = 0; c < inputs.size(); ++c) found.columns[c].permuted = found.permutation->columns[c];
}

void note_what_is_not_there(const ExplainedRows& rows, Explanation& found) {
  const PredictionPipeline& pipeline = rows.pipeline();
  if (!rows.as_given()) found.notes.push_back("rows and columns are those after the stateless steps of the recipe, which needs rows beside each other");
  if (pipeline.forecast()) {
    found.notes.push_back("of a forecast there is permutation importance only");
  } else if (!pipeline.model().explainable()) {
    found.notes.push_back(concat("no Shapley values: ", pipeline.learner().title(), " is no sum over columns that they could be had from exactly"));
  }
  if (explainable(pipeline) && pipeline.calibrator()) found.notes.push_back("probabilities are calibrated; SHAP tells of the model's sums before that");
  if (found.rows < found.all_rows) found.notes.push_back(concat(format_count(found.rows), " rows drawn out of ", format_count(found.all_rows)));
}

void add_shapley(Exec& exec, const ExplainedRows& rows, const Predictions& predictions, const ExplainPlan& plan,
                 const std::vector<InputColumn>& inputs, Explanation& found) {
  const PredictionPipeline& pipeline = rows.pipeline();
  const Matrix features = rows.features(exec, rows.rows());
  found.shapley = shapley_values(exec, pipeline, features, predictions, inputs, plan.answer_of);
  for (size_t c = 0; c < inputs.size(); ++c) {
    if (!inputs[c].features.empty()) found.columns[c].shapley = found.shapley->mean_absolute[c];
  }
  add_splits(*explainable(pipeline), found.columns);
  found.shown = rows_to_show(plan.rows, found.numbers, found.shapley->margin);
  found.rules = small_trees(pipeline, rows.rows(), features, inputs);
}

/// The rows, and the columns without any importance yet.
Explanation begun(const ExplainedRows& rows, const std::vector<InputColumn>& inputs) {
  Explanation found;
  found.model = rows.pipeline().learner().title();
  found.rows = rows.rows().rows();
  found.all_rows = rows.all();
  found.numbers = rows.numbers();
  found.table = rows.rows();
  for (const InputColumn& column : inputs) found.columns.push_back({column});
  note_what_is_not_there(rows, found);
  return found;
}

}  // namespace

void check_plan(const ExplainPlan& plan, const PredictionPipeline& pipeline) {
  permutation_metric(plan.permutation.metric, pipeline.target());
  class_to_explain(pipeline.target(), plan.answer_of);
  if (explainable(pipeline)) return;
  CRISP_REQUIRE(plan.rows.empty() && plan.answer_of.empty(), Code::usage, "--row and --class need Shapley values, which ", pipeline.learner().name(),
                pipeline.forecast() ? " has not as a forecast" : " has not", ": trees and linear models have them");
}

Explanation explain_predictor(Exec& exec, const SavedPredictor& saved, const Table& raw, const ExplainPlan& plan) {
  const PredictionPipeline& pipeline = saved.pipeline;
  const ExplainedRows rows(exec, saved, with_target(raw, plan, pipeline.target()), plan.most_rows, plan.rows, plan.permutation.seed);
  const std::vector<InputColumn> inputs = input_columns(exec, rows, plan.permutation.seed);
  const Predictions predictions = rows.predict(exec, rows.rows());
  Explanation found = begun(rows, inputs);
  if (explainable(pipeline)) add_shapley(exec, rows, predictions, plan, inputs, found);
  add_permutation(exec, rows, predictions, plan, inputs, found);
  sort_columns(found);
  return found;
}

}  // namespace crisp
