#include "core/json_number.h"
#include "explain/explanation.h"

namespace crisp {
namespace {

Json column_json(const ColumnImportance& column) {
  return {{"name", column.column.name}, {"input", column.column.given}, {"mean_abs_shap", number_or_null(column.shapley)},
          {"permutation", {{"mean", number_or_null(column.permuted.mean)}, {"std", number_or_null(column.permuted.deviation)}}},
          {"gain", number_or_null(column.gain)}, {"splits", number_or_null(column.splits)}};
}

Json row_json(const Explanation& explanation, size_t place) {
  const ShapleyValues& shapley = *explanation.shapley;
  Json values = Json::object();
  for (size_t c = 0; c < shapley.columns; ++c) values[explanation.columns[c].column.name] = shapley.at(place, c);
  return {{"row", explanation.numbers[place]}, {"of", shapley.of_row(place)}, {"margin", shapley.margin[place]},
          {"expected", shapley.expected[place]}, {"values", values}};
}

Json shapley_json(const Explanation& explanation) {
  const ShapleyValues& shapley = *explanation.shapley;
  Json rows = Json::array();
  for (const ShownRow& row : explanation.shown) rows.push_back(row_json(explanation, row.place));
  // Where each row is explained for its own class there is no one expected margin.
  const Json expected = shapley.classes.empty() ? Json(shapley.expected[0]) : Json();
  return {{"of", shapley.of}, {"expected", expected}, {"additivity_residual", shapley.residual}, {"rows", rows}};
}

}  // namespace

Json explanation_json(const Explanation& explanation) {
  Json document = {{"schema", "crisp.explain/1"}, {"model", explanation.model}, {"rows", explanation.rows}, {"of_rows", explanation.all_rows}};
  document["columns"] = Json::array();
  for (const ColumnImportance& column : explanation.columns) document["columns"].push_back(column_json(column));
  if (explanation.permutation) {
    const PermutationImportance& found = *explanation.permutation;
    document["permutation"] = {{"metric", found.metric->name}, {"value", found.before}, {"rows", found.rows}};
  }
  if (explanation.shapley) document["shap"] = shapley_json(explanation);
  if (!explanation.rules.empty()) document["rules"] = explanation.rules;
  document["notes"] = explanation.notes;
  return document;
}

}  // namespace crisp
