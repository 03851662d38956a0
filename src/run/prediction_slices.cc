#include "run/prediction_slices.h"

#include <algorithm>
#include <map>

#include "core/format.h"
#include "core/json_number.h"
#include "evaluate/prediction_page.h"
#include "run/prediction_run.h"

namespace crisp {
namespace {

constexpr size_t kMostSlices = 50;
constexpr size_t kShownFigures = 4;

std::vector<std::pair<std::string, RowList>> rows_by_value(const Table& rows, const std::string& column) {
  const std::vector<std::string> values = rows.texts(column);
  // A column of whole numbers may have been read as reals: a slice keeps the name that it had in training.
  const bool real = rows.type(column) == ColumnType::real;
  std::map<std::string, RowList> members;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool whole = real && values[i].ends_with(".0");
    members[whole ? values[i].substr(0, values[i].size() - 2) : values[i]].push_back(static_cast<int64_t>(i));
  }
  std::vector<std::pair<std::string, RowList>> slices(members.begin(), members.end());
  std::stable_sort(slices.begin(), slices.end(), [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  if (slices.size() <= kMostSlices) return slices;
  RowList others;
  for (size_t i = kMostSlices; i < slices.size(); ++i) others.insert(others.end(), slices[i].second.begin(), slices[i].second.end());
  std::sort(others.begin(), others.end());
  slices.resize(kMostSlices);
  slices.emplace_back("(others)", std::move(others));
  return slices;
}

}  // namespace

PredictionSlices slice_predictions(Exec& exec, const Target& target, const Predictions& predictions, std::span<const double> truth,
                                   const std::string& column) {
  PredictionEvaluationPlan plan;
  plan.intervals.resamples = 0;
  PredictionSlices sliced{column, {}};
  for (auto& [value, rows] : rows_by_value(predictions.rows, column)) {
    Predictions part{Table(), predictions.outputs, {}};
    std::vector<double> truths;
    for (const int64_t row : rows) {
      const double* const first = predictions.view().row(row);
      part.values.insert(part.values.end(), first, first + predictions.outputs);
      // Of a forecast a row has as many truths as values.
      const size_t each = truth.size() / static_cast<size_t>(predictions.size());
      const auto own = truth.subspan(static_cast<size_t>(row) * each, each);
      truths.insert(truths.end(), own.begin(), own.end());
    }
    part.rows = predictions.rows.select({column}).take(rows);
    PredictionSlice slice{value, 0, judge_predictions(exec, target, part, truths, plan)};
    if (slice.evaluation) slice.rows = slice.evaluation->rows;
    sliced.slices.push_back(std::move(slice));
  }
  return sliced;
}

Json prediction_slices_json(const std::vector<PredictionSlices>& sliced) {
  Json json = Json::object();
  for (const PredictionSlices& by : sliced) {
    Json list = Json::array();
    for (const PredictionSlice& slice : by.slices) {
      Json row = {{"value", slice.value}, {"rows", slice.rows}};
      for (const MetricResult& figure : slice.evaluation ? slice.evaluation->metrics : std::vector<MetricResult>()) {
        row[figure.metric->name] = number_or_null(figure.value);
      }
      list.push_back(std::move(row));
    }
    json[by.column] = std::move(list);
  }
  return json;
}

report::TextTable prediction_slices_table(const PredictionSlices& sliced) {
  report::TextTable table;
  table.columns = {report::Column(sliced.column), "rows"};
  for (const PredictionSlice& slice : sliced.slices) {
    std::vector<report::Cell> row{slice.value, format_count(slice.rows)};
    const size_t figures = slice.evaluation ? std::min(kShownFigures, slice.evaluation->metrics.size()) : 0;
    for (size_t i = 0; i < figures; ++i) {
      const MetricResult& figure = slice.evaluation->metrics[i];
      if (table.columns.size() < 2 + figures) table.columns.emplace_back(figure.metric->name);
      row.emplace_back(metric_text(*figure.metric, figure.value));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace crisp
