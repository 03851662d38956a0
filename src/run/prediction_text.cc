#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "evaluate/prediction_page.h"
#include "report/terminal.h"
#include "run/forecast_report.h"
#include "run/prediction_run.h"

namespace crisp {
namespace {

using report::TextTable;

std::string target_text(const Target& target) {
  if (target.task() == Task::forecast) return concat(target.column(), ", its next values");
  if (!target.is_classes()) return concat(target.column(), ", a number");
  const std::vector<std::string>& classes = target.classes();
  if (classes.size() == 2) return concat(target.column(), ": ", classes[1], " or ", classes[0]);
  return concat(target.column(), ", ", classes.size(), " classes");
}

std::string rows_text(const PredictionResult& result) {
  std::string text = counted(result.train_rows, result.forecast ? "window" : "row");
  text += " to learn from";
  if (result.validation_rows > 0) text += concat(", ", format_count(result.validation_rows), " to say when to stop");
  return concat(text, ", ", format_count(result.judged.predictions.size()), result.forecast ? " rows to forecast from" : result.folds.empty() ? " to test" : " judged by folds");
}

std::string left_out_text(const PredictionResult& result) {
  constexpr size_t kShown = 8;
  std::string text;
  for (size_t i = 0; i < std::min(kShown, result.left_out.size()); ++i) {
    text += concat(i ? ", " : "", result.left_out[i].column, " (", result.left_out[i].why, ")");
  }
  return text + (result.left_out.size() > kShown ? concat(" and ", result.left_out.size() - kShown, " more") : "");
}

std::string interval_text(const MetricResult& figure) {
  if (std::isnan(figure.interval.low)) return "";
  return concat(metric_text(*figure.metric, figure.interval.low), " to ", metric_text(*figure.metric, figure.interval.high));
}

/// The figures of the model beside those of answering without looking.
TextTable metrics_table(const PredictionResult& result) {
  TextTable table;
  table.columns = {"", "this model", "95 % interval", result.forecast ? "a season ago" : "dummy"};
  for (const MetricResult& figure : result.evaluation->metrics) {
    const MetricResult* const dummy = result.dummy->find(figure.metric->name);
    table.rows.push_back({figure.metric->name, metric_text(*figure.metric, figure.value), interval_text(figure),
                          dummy ? metric_text(*figure.metric, dummy->value) : ""});
  }
  return table;
}

TextTable folds_table(const PredictionResult& result) {
  const PredictionMetric& metric = *result.evaluation->metrics.front().metric;
  TextTable table;
  table.columns = {"fold", "learned from", "tested", metric.name, "dummy"};
  for (size_t k = 0; k < result.folds.size(); ++k) {
    const FoldResult& fold = result.folds[k];
    table.rows.push_back({concat(k + 1), format_count(fold.train_rows), format_count(fold.test_rows),
                          metric_text(metric, fold.metric), metric_text(metric, fold.dummy)});
  }
  return table;
}

}  // namespace

std::string prediction_run_text(const PredictionResult& result, const std::string& report_path) {
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  const PredictionPipeline& pipeline = *result.pipeline;
  std::vector<std::pair<std::string, std::string>> facts{
      {"data", concat(counted(result.reading.rows(), "row"), " of ", result.project.data.path)},
      {"target", target_text(result.target)},
      {"rows", rows_text(result)},
      {"model", concat(pipeline.learner().title(), " on ", counted(static_cast<int64_t>(pipeline.features().size()), "feature"),
                       ", fitted on ", result.fitted_on)}};
  if (!result.left_out.empty()) facts.emplace_back("left out", left_out_text(result));
  for (const std::string& note : result.notes) facts.emplace_back("", note);
  std::string text = report::heading(result.project.name, style) + report::render_pairs(facts, style);
  if (result.evaluation) text += report::heading("How well", style) + report::render(metrics_table(result), style);
  if (result.forecast) text += report::heading("By how far ahead", style) + report::render(forecast_table(*result.forecast), style);
  if (result.evaluation && !result.folds.empty()) text += report::heading("Fold by fold", style) + report::render(folds_table(result), style);
  for (const PredictionSlices& by : result.slices) text += report::heading(by.column, style) + report::render(prediction_slices_table(by), style);
  if (!report_path.empty()) text += "\n" + report::render_pairs({{"report", report_path}}, style);
  return text;
}

}  // namespace crisp
