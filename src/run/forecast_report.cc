#include "run/forecast_report.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "report/chart_lines.h"

namespace crisp {
namespace {

using report::LineChart;
using report::TextTable;

/// 0, 1, 2, then ever further apart, and the last.
std::vector<size_t> shown_steps(size_t horizon) {
  std::vector<size_t> steps;
  for (size_t ahead = 1; ahead < horizon; ahead = ahead < 3 ? ahead + 1 : 2 * ahead) steps.push_back(ahead - 1);
  steps.push_back(horizon - 1);
  return steps;
}

std::string figure(double value) { return std::isnan(value) ? "–" : format_number(value, 4); }

LineChart error_chart(const ForecastFigures& figures, const char* title, double ForecastScore::* which) {
  LineChart chart;
  chart.title = title;
  chart.x_label = "values ahead";
  chart.y_label = title;
  chart.from_zero = true;
  for (const auto& [name, scores] : {std::pair{"this model", &figures.model}, {"a season ago", &figures.seasonal}, {"the newest value", &figures.last}}) {
    if (scores == &figures.last && figures.plan.season == 1) continue;  // the same line twice
    report::LineSeries series{name};
    for (size_t k = 0; k < scores->steps.size(); ++k) {
      series.x.push_back(static_cast<double>(k + 1));
      series.y.push_back(scores->steps[k].*which);
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

/// The forecast and what came, behind as much of the past as says where it comes from.
LineChart example_chart(const ForecastExample& example, const std::string& target) {
  LineChart chart;
  chart.title = concat("From ", example.origin);
  chart.x_label = "rows ahead";
  chart.y_label = target;
  const size_t ahead = example.answer.size(), past = std::min(example.past.size(), std::max<size_t>(2 * ahead, 24));
  report::LineSeries was{"what came"}, said{"forecast"};
  for (size_t k = 0; k < past; ++k) {
    was.x.push_back(static_cast<double>(k) + 1 - static_cast<double>(past));
    was.y.push_back(example.past[example.past.size() - past + k]);
  }
  for (size_t k = 0; k < ahead; ++k) {
    was.x.push_back(static_cast<double>(k + 1));
    was.y.push_back(example.truth[k]);
    said.x.push_back(static_cast<double>(k + 1));
    said.y.push_back(example.answer[k]);
  }
  chart.dots = ahead == 1;
  chart.series = {std::move(was), std::move(said)};
  return chart;
}

Json baseline_json(const ForecastScores& scores) {
  return {{"mae", to_json(scores.overall)["mae"]}, {"rmse", to_json(scores.overall)["rmse"]}, {"by_step", to_json(scores.steps)}};
}

}  // namespace

TextTable forecast_table(const ForecastFigures& figures) {
  TextTable table;
  table.columns = {"ahead", "MAE", "RMSE", "a season ago: MAE", "RMSE", "the newest value: MAE", "RMSE"};
  const auto add = [&](std::string name, auto score_of) {
    std::vector<report::Cell> row{std::move(name)};
    for (const ForecastScores* scores : {&figures.model, &figures.seasonal, &figures.last}) {
      const ForecastScore& score = score_of(*scores);
      row.emplace_back(figure(score.mae));
      row.emplace_back(figure(score.rmse));
    }
    table.rows.push_back(std::move(row));
  };
  for (const size_t step : shown_steps(figures.model.steps.size())) {
    add(concat(step + 1), [step](const ForecastScores& scores) -> const ForecastScore& { return scores.steps[step]; });
  }
  add("all", [](const ForecastScores& scores) -> const ForecastScore& { return scores.overall; });
  return table;
}

void add_forecast_sections(report::Page& page, const ForecastFigures& figures, const std::string& target) {
  report::Section& section = page.section("Forecasts");
  section.text(concat("Every row of the test that has ", figures.plan.lookback, " rows behind it forecasts the next ", figures.plan.horizon,
                      "; some of them, beside what came."));
  for (const ForecastExample& example : figures.examples) section.chart(example_chart(example, target));
  report::Section& errors = page.section("Errors by how far ahead");
  errors.chart(error_chart(figures, "mean absolute error", &ForecastScore::mae));
  errors.chart(error_chart(figures, "root mean squared error", &ForecastScore::rmse));
  errors.table(forecast_table(figures));
}

Json forecast_json(const ForecastFigures& figures) {
  Json json = figures.plan.to_json();
  json["windows_without_answer"] = figures.without_answer;
  json["by_step"] = to_json(figures.model.steps);
  json["baselines"] = {{"seasonal", baseline_json(figures.seasonal)}, {"last", baseline_json(figures.last)}};
  return json;
}

}  // namespace crisp
