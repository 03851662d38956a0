#include <algorithm>

#include "core/format.h"
#include "evaluate/prediction_page.h"
#include "explain/explanation_charts.h"
#include "report/page.h"
#include "run/forecast_report.h"
#include "run/prediction_run.h"
#include "run/run_sections.h"

namespace crisp {
namespace {

using report::TextTable;

/// The model's figures beside those of answering without looking.
TextTable dummy_table(const PredictionResult& result) {
  TextTable table;
  table.columns = {"figure", "this model", result.forecast ? "a season ago" : "dummy"};
  for (const MetricResult& figure : result.evaluation->metrics) {
    const MetricResult* const dummy = result.dummy->find(figure.metric->name);
    table.rows.push_back({figure.metric->name, metric_text(*figure.metric, figure.value),
                          dummy ? metric_text(*figure.metric, dummy->value) : ""});
  }
  table.note = result.forecast             ? "Beside it: each value is that of the season before, without a season the newest one."
               : result.target.is_classes() ? "The dummy answers with each class's share of the training rows."
                                          : "The dummy answers with the mean of the training rows.";
  return table;
}

TextTable steps_table(const PredictionResult& result) {
  TextTable table;
  table.columns = {"step", "rows", "columns", "missing values", "notes"};
  for (const StepRecord& step : result.steps) {
    std::string notes;
    for (const std::string& remark : step.notes) notes += (notes.empty() ? "" : "; ") + remark;
    table.rows.push_back({step.title, concat(format_count(step.rows_before), " → ", format_count(step.rows_after)),
                          concat(step.columns_before, " → ", step.columns_after),
                          concat(format_count(step.missing_before), " → ", format_count(step.missing_after)), notes});
  }
  return table;
}

TextTable left_out_table(const PredictionResult& result) {
  TextTable table;
  table.columns = {"column", "why"};
  for (const LeftOut& left : result.left_out) table.rows.push_back({left.column, left.why});
  return table;
}

void add_data(report::Page& page, const PredictionResult& result) {
  report::Section& section = page.section("Data and model");
  std::vector<std::pair<std::string, std::string>> facts{
      {"target", result.target.column()},
      {"model", result.pipeline->learner().title()},
      {"parameters", to_text(result.project.params.to_json())},
      {result.forecast ? "windows" : "rows", concat(format_count(result.train_rows), " to learn from, ", format_count(result.validation_rows), " to say when to stop, ",
                      format_count(result.judged.predictions.size()), " to test")},
      {"fitted on", result.fitted_on}};
  section.pairs(facts);
  if (!result.notes.empty()) section.list(result.notes);
  if (!result.left_out.empty()) section.heading("Columns left out").table(left_out_table(result));
  if (!result.preparation.empty()) section.heading("How columns were prepared").list(result.preparation);
  if (!result.steps.empty()) section.heading("Step by step").table(steps_table(result));
  std::string features;
  for (const std::string& name : result.pipeline->features()) features += (features.empty() ? "" : ", ") + name;
  section.details(concat("The features (", result.pipeline->features().size(), ")")).text(features);
}

}  // namespace

std::string prediction_report(const PredictionResult& result, const PhaseClock& clock) {
  const std::string& question = result.project.question;
  report::Page page(result.project.name, concat(question, question.empty() ? "" : " ", "Predicts ", result.target.column(), " with ", result.pipeline->learner().title()));
  if (result.evaluation) {
    page.figures(key_figures(*result.evaluation));
    if (result.forecast) add_forecast_sections(page, *result.forecast, result.target.column());
    add_prediction_sections(page, *result.evaluation);
    report::Section& section = page.section(result.forecast ? "Against the season before" : "Against the dummy");
    section.table(dummy_table(result));
    for (const std::string& unmet : result.unmet) section.note(concat("Success criterion not met: ", unmet), report::Tone::bad);
    for (const PredictionSlices& by : result.slices) page.section(concat("By ", by.column)).table(prediction_slices_table(by));
  }
  add_training(page, result.training);
  if (const auto gain = gain_bars(*result.pipeline)) page.section("What the trees part by", "gain").chart(*gain);
  add_data(page, result);
  add_phases(page, clock);
  page.footer(concat("seed ", result.project.seed, " · data ", result.data_fingerprint.substr(0, 12), " · ", result.project.data.path));
  return page.html();
}

}  // namespace crisp
