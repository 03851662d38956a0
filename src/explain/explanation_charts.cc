#include "explain/explanation_charts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/format.h"
#include "explain/colouring.h"
#include "report/chart_dependence.h"
#include "report/chart_swarm.h"

namespace crisp {
namespace {

constexpr size_t kBars = 20, kSwarmColumns = 15, kDependences = 6, kSteps = 10, kCategories = 10;

/// The values of a column as they are written; numbers in few digits.
std::string value_text(const Explanation& explanation, const InputColumn& column, size_t row) {
  if (!column.given) return "";
  const Table one = explanation.table.select({column.name}).slice(static_cast<int64_t>(row), 1);
  if (one.missing(column.name)[0]) return "missing";
  return one.type(column.name) == ColumnType::real ? format_number(one.numbers(column.name)[0], 4) : one.texts(column.name)[0];
}

std::vector<double> values_of(const ShapleyValues& shapley, size_t column) {
  std::vector<double> values;
  for (size_t row = 0; row < shapley.rows(); ++row) values.push_back(shapley.at(row, column));
  return values;
}

std::string effect_label(const Explanation& explanation) { return concat("moves the ", explanation.shapley->of, " by"); }

/// The most frequent categories of a column: each row's place among them; the last place is that of all others.
struct Categorised {
  std::vector<std::string> names;
  std::vector<size_t> place;
};

Categorised categorised(const Table& table, const std::string& column) {
  const std::vector<std::string> texts = table.texts(column);
  const std::vector<uint8_t> missing = table.missing(column);
  const auto named = [&](size_t row) { return missing[row] ? std::string("(missing)") : texts[row]; };
  std::map<std::string, size_t> counts;
  for (size_t row = 0; row < texts.size(); ++row) ++counts[named(row)];
  std::vector<std::pair<std::string, size_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  const bool rest = order.size() > kCategories;
  if (rest) order.resize(kCategories);
  Categorised found;
  std::map<std::string, size_t> places;
  for (const auto& [name, count] : order) places[name] = found.names.size(), found.names.push_back(name);
  if (rest) found.names.push_back("(others)");
  for (size_t row = 0; row < texts.size(); ++row) {
    const auto place = places.find(named(row));
    found.place.push_back(place == places.end() ? kCategories : place->second);
  }
  return found;
}

report::Chart dependence_on_texts(const Explanation& explanation, size_t column) {
  const std::string& name = explanation.columns[column].column.name;
  const Categorised groups = categorised(explanation.table, name);
  const Colouring partner = strongest_partner(explanation, column, groups.place);
  report::SwarmChart chart{name, effect_label(explanation), partner.name, partner.low, partner.high};
  for (const std::string& category : groups.names) chart.rows.push_back({category});
  for (size_t row = 0; row < explanation.shapley->rows(); ++row) {
    report::SwarmRow& own = chart.rows[groups.place[row]];
    own.values.push_back(explanation.shapley->at(row, column));
    if (!partner.name.empty()) own.shades.push_back(partner.shades[row]);
  }
  chart.most_points = 200;
  return chart;
}

report::Chart dependence_on_numbers(const Explanation& explanation, size_t column, const std::vector<double>& values) {
  const std::string& name = explanation.columns[column].column.name;
  const Colouring partner = strongest_partner(explanation, column, value_groups(values));
  return report::DependenceChart{name, name, effect_label(explanation), values, values_of(*explanation.shapley, column),
                                 partner.shades, partner.name, partner.low, partner.high};
}

}  // namespace

report::BarChart importance_bars(const std::vector<ColumnImportance>& columns, const std::string& title, const std::string& note,
                                 const std::function<Permuted(const ColumnImportance&)>& measure) {
  report::BarChart chart{title};
  for (const ColumnImportance& column : columns) {
    const Permuted value = measure(column);
    if (!std::isfinite(value.mean)) continue;
    report::Bar bar{column.column.name, value.mean};
    if (std::isfinite(value.deviation)) bar.low = value.mean - value.deviation, bar.high = value.mean + value.deviation;
    chart.bars.push_back(bar);
  }
  std::stable_sort(chart.bars.begin(), chart.bars.end(), [](const report::Bar& a, const report::Bar& b) { return a.value > b.value; });
  chart.note = note;
  if (chart.bars.size() > kBars) {
    chart.note += concat(note.empty() ? "" : " ", chart.bars.size() - kBars, " more columns are less important.");
    chart.bars.resize(kBars);
  }
  return chart;
}

std::optional<report::BarChart> gain_bars(const PredictionPipeline& pipeline) {
  const Explainable* model = pipeline.model().explainable();
  const std::optional<ColumnSplits> splits = model ? model->splits() : std::nullopt;
  if (!splits || splits->gain.empty()) return std::nullopt;
  std::vector<ColumnImportance> columns;
  for (size_t j = 0; j < splits->gain.size(); ++j) columns.push_back({.column = {pipeline.features()[j], {}}, .gain = splits->gain[j]});
  return importance_bars(columns, "Gain by column", "What the splits by the column gained, added up. crisp explain says more.",
                         [](const ColumnImportance& column) { return Permuted{column.gain}; });
}

report::Chart beeswarm(const Explanation& explanation) {
  report::SwarmChart chart{"What moved each row", effect_label(explanation), "value"};
  for (size_t column = 0; column < std::min(kSwarmColumns, explanation.columns.size()); ++column) {
    const InputColumn& input = explanation.columns[column].column;
    if (!(explanation.columns[column].shapley > 0)) continue;
    const auto numbers = column_numbers(explanation, input);
    chart.rows.push_back({input.name, values_of(*explanation.shapley, column), numbers ? colouring_of(input.name, *numbers).shades : std::vector<double>()});
  }
  chart.note = "A dot a row. Grey: a text, or missing.";
  return chart;
}

std::vector<report::Chart> dependence_charts(const Explanation& explanation) {
  std::vector<report::Chart> charts;
  for (size_t column = 0; column < explanation.columns.size() && charts.size() < kDependences; ++column) {
    const ColumnImportance& of = explanation.columns[column];
    if (!of.column.given || !(of.shapley > 0)) continue;
    const auto numbers = column_numbers(explanation, of.column);
    charts.push_back(numbers ? dependence_on_numbers(explanation, column, *numbers) : dependence_on_texts(explanation, column));
  }
  return charts;
}

report::WaterfallChart waterfall(const Explanation& explanation, size_t place) {
  const ShapleyValues& shapley = *explanation.shapley;
  std::vector<size_t> order;
  for (size_t column = 0; column < shapley.columns; ++column) {
    if (shapley.at(place, column) != 0) order.push_back(column);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return std::fabs(shapley.at(place, a)) > std::fabs(shapley.at(place, b)); });
  report::WaterfallChart chart{.start = shapley.expected[place], .start_label = "expected", .end_label = "this row"};
  report::WaterfallStep rest;
  for (size_t i = 0; i < order.size(); ++i) {
    const InputColumn& column = explanation.columns[order[i]].column;
    const double change = shapley.at(place, order[i]);
    if (i < kSteps || order.size() == kSteps + 1) chart.steps.push_back({column.name, change, value_text(explanation, column, place)});
    else rest.change += change;
  }
  if (order.size() > kSteps + 1) chart.steps.push_back({concat(order.size() - kSteps, " others"), rest.change});
  return chart;
}

}  // namespace crisp
