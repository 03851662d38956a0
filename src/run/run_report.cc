#include <algorithm>
#include <cmath>
#include <map>

#include "report/chart_attribution.h"
#include "report/chart_bars.h"
#include "report/chart_heat.h"
#include "report/chart_histogram.h"
#include "report/chart_lines.h"
#include "core/format.h"
#include "report/page.h"
#include "run/run_project.h"
#include "run/run_sections.h"
#include "run/trip_panels.h"

namespace crisp {
namespace {

using report::Cell;
using report::Column;
using report::TextTable;
using report::Tone;

std::string normal_name(const RunResult& result) {
  const std::string& normal = result.project.pipeline.label.normal;
  return normal.empty() ? "normal" : normal;
}

std::vector<report::KeyFigure> key_figures(const RunResult& result) {
  std::vector<report::KeyFigure> figures;
  if (result.evaluation) {
    const Confusion& counts = result.evaluation->counts;
    const std::string baseline = concat("always \"", normal_name(result), "\": ");
    figures.push_back({"ROC-AUC", format_fixed(result.evaluation->roc_auc, 3), "chance: 0.500",
                       result.evaluation->roc_auc > 0.7 ? Tone::good : Tone::warning});
    figures.push_back({"Accuracy", format_percent(counts.accuracy()),
                       baseline + format_percent(counts.always_negative_accuracy())});
    figures.push_back({"Balanced accuracy", format_percent(counts.balanced_accuracy()), baseline + "50.0 %"});
    figures.push_back({concat("\"", result.project.pipeline.label.anomaly, "\" found"), format_percent(counts.recall()),
                       concat(counts.true_positive, " of ", counts.positives())});
  } else {
    const auto found = std::count(result.scored.anomalous.begin(), result.scored.anomalous.end(), 1);
    figures.push_back({"Anomalies", format_count(found), concat("of ", counted(result.scored.rows.rows(), "row"))});
  }
  figures.push_back({"Rows learned from", format_count(result.train_rows),
                     concat(counted(result.reading.rows(), "row"), " read")});
  return figures;
}

TextTable metrics_table(const RunResult& result) {
  const Confusion& counts = result.evaluation->counts;
  const LabelPlan& label = result.project.pipeline.label;
  TextTable table;
  table.columns = {"figure", "this model", concat("always \"", normal_name(result), "\""), "meaning"};
  table.rows = {
      {"accuracy", format_percent(counts.accuracy()), format_percent(counts.always_negative_accuracy()),
       "rows judged rightly"},
      {concat("\"", normal_name(result), "\" recognised"), format_percent(counts.specificity()), "100.0 %",
       "specificity: normal rows left in peace"},
      {concat("\"", label.anomaly, "\" found"), format_percent(counts.recall()), "0.0 %",
       "recall: anomalies above the cutoff"},
      {"precision", format_percent(counts.precision()), "–", "alarms that were right"},
      {"balanced accuracy", format_percent(counts.balanced_accuracy()), "50.0 %", "mean of the two rates above"},
      {"ROC-AUC", format_fixed(result.evaluation->roc_auc, 3), "0.500",
       "chance that an anomaly scores above a normal row"},
      {"average precision", format_fixed(result.evaluation->average_precision, 3),
       format_fixed(1 - counts.always_negative_accuracy(), 3), "area under precision over recall"}};
  return table;
}

report::HeatChart confusion_chart(const RunResult& result) {
  const Confusion& counts = result.evaluation->counts;
  const std::string normal = normal_name(result), anomaly = result.project.pipeline.label.anomaly;
  report::HeatChart chart{"Confusion table", "in truth", "model says", {normal, anomaly}, {normal, anomaly}, {}};
  chart.values = {{static_cast<double>(counts.true_negative), static_cast<double>(counts.false_positive)},
                  {static_cast<double>(counts.false_negative), static_cast<double>(counts.true_positive)}};
  return chart;
}

report::HistogramChart score_chart(const RunResult& result) {
  report::HistogramChart chart{"Anomaly scores of the test rows", "anomaly score", "rows"};
  std::vector<std::vector<double>> classes(result.evaluation ? 3 : 1);
  for (size_t i = 0; i < result.scored.scores.size(); ++i) {
    const auto which = result.evaluation ? static_cast<size_t>(result.evaluation->labels[i]) : 0;
    classes[which].push_back(result.scored.scores[i]);
  }
  if (classes.back().empty()) classes.resize(std::max<size_t>(1, classes.size() - 1));
  chart.edges = report::even_edges(classes, 32);
  std::vector<std::string> names{"rows"};
  if (result.evaluation) names = {normal_name(result), result.project.pipeline.label.anomaly, "no label"};
  for (size_t c = 0; c < classes.size(); ++c) {
    chart.series.push_back({names[c], report::bin_counts(classes[c], chart.edges)});
  }
  chart.cutoff = report::Cutoff{result.pipeline->cutoff(), "cutoff"};
  chart.note = "Rows to the right of the cutoff are taken for anomalies.";
  return chart;
}

report::RocChart roc_chart(const RunResult& result) {
  const Evaluation& evaluation = *result.evaluation;
  report::RocChart chart{"ROC curve", {}, {}, "Each point is a possible cutoff; the diagonal is chance."};
  report::RocSeries series{"this model", {}, {}, evaluation.roc_auc};
  for (const RocPoint& point : roc_curve(evaluation.truth, evaluation.scores)) {
    series.false_positive_rate.push_back(point.false_positive_rate);
    series.true_positive_rate.push_back(point.true_positive_rate);
  }
  chart.series = {series};
  chart.operating_point =
      report::OperatingPoint{1 - evaluation.counts.specificity(), evaluation.counts.recall(), "at the cutoff"};
  return chart;
}

TextTable steps_table(const RunResult& result) {
  TextTable table;
  table.columns = {"step", "rows before", "rows after", "columns", "missing before", "missing after", "notes"};
  for (const StepRecord& step : result.steps) {
    std::string notes;
    for (const std::string& note : step.notes) notes += (notes.empty() ? "" : "; ") + note;
    table.rows.push_back({step.title, format_count(step.rows_before), format_count(step.rows_after),
                          concat(step.columns_before, " → ", step.columns_after), format_count(step.missing_before),
                          format_count(step.missing_after), notes});
  }
  return table;
}

TextTable columns_table(const RunResult& result) {
  TextTable table;
  table.columns = {"column", "type", "missing", "median", "median of the training rows"};
  const Table& rows = result.scored.rows;
  const auto& features = result.pipeline->features();
  for (size_t j = 0; j < features.size(); ++j) {
    std::vector<double> values;
    int64_t missing = 0;
    for (const double value : rows.numbers(features[j])) {
      if (std::isfinite(value)) values.push_back(value);
      else ++missing;
    }
    table.rows.push_back({features[j], column_type_name(rows.type(features[j])), format_count(missing),
                          values.empty() ? "–" : format_number(quantile(values, 0.5)),
                          format_number(result.pipeline->reference().usual(j, ""))});
  }
  return table;
}

TextTable slice_table(const SlicedBy& by, bool labelled) {
  TextTable table;
  table.columns = {Column(by.column, report::Align::left), "rows", Column("flagged", report::Align::automatic, "share above the cutoff", 100)};
  if (labelled) table.columns.insert(table.columns.end(), {Column("accuracy", report::Align::automatic, "", 100), "found", "recognised"});
  for (const Slice& slice : by.slices) {
    const Confusion& counts = slice.counts;
    const auto flagged = static_cast<double>(counts.true_positive + counts.false_positive);
    std::vector<Cell> row{slice.value, format_count(counts.rows()),
                          format_percent(flagged / static_cast<double>(counts.rows()))};
    if (labelled) {
      row.insert(row.end(), {format_percent(counts.accuracy()), format_percent(counts.recall()),
                             format_percent(counts.specificity())});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Upright columns where the values are few and short (hours), else a table alone.
void add_slices(report::Section& section, const SlicedBy& by, const RunResult& result) {
  section.heading(concat("By ", by.column));
  const bool short_labels = std::all_of(by.slices.begin(), by.slices.end(),
                                        [](const Slice& slice) { return slice.value.size() <= 5; });
  if (by.slices.size() > 1 && by.slices.size() <= 31 && short_labels) {
    report::BarChart chart{concat("Share flagged by ", by.column), "% flagged", {}};
    chart.columns = true;
    std::vector<Slice> slices = by.slices;
    std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
      return a.value.size() != b.value.size() ? a.value.size() < b.value.size() : a.value < b.value;
    });
    for (const Slice& slice : slices) {
      const auto flagged = static_cast<double>(slice.counts.true_positive + slice.counts.false_positive);
      const double share = 100 * flagged / static_cast<double>(slice.counts.rows());
      chart.bars.push_back({slice.value, share, concat(format_fixed(share, 0), " %")});
      chart.bars.back().tip = concat(slice.value, ": ", counted(slice.counts.rows(), "row"), ", ",
                                     format_fixed(share, 1), " % flagged");
    }
    section.chart(chart);
  }
  section.table(slice_table(by, result.evaluation.has_value()));
}

std::string model_sentence(const RunResult& result) {
  const Pipeline& pipeline = *result.pipeline;
  const Json about = pipeline.about();
  std::string text = concat(result.project.pipeline.fit.learner->title(), " on ",
                            counted(static_cast<int64_t>(pipeline.features().size()), "feature"), ", ");
  text += models_text(result);
  return concat(text, ". The cutoff is ", format_fixed(pipeline.cutoff(), 3),
                " from the ", about["threshold"]["folds"].get<int>() > 0 ? "held-out" : "training", " scores (",
                about["threshold"]["rule"]["method"].get<std::string>(), ", k = ",
                format_number(about["threshold"]["rule"]["k"].get<double>()), ").");
}

std::vector<std::pair<std::string, std::string>> parameter_pairs(const RunResult& result) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const Json about = result.pipeline->about();
  for (const auto& [name, value] : about["parameters"].items()) pairs.emplace_back(name, to_text(value));
  pairs.emplace_back("seed", concat(result.project.seed));
  return pairs;
}

void add_summary(report::Page& page, const RunResult& result) {
  report::Section& section = page.section("Summary");
  section.text(model_sentence(result));
  section.details("Parameters").pairs(parameter_pairs(result));
  for (const std::string& note : result.notes) section.note(note);
  for (const std::string& unmet : result.unmet) section.note(concat("Success criterion not met: ", unmet), Tone::bad);
  if (result.evaluation) section.table(metrics_table(result)).chart(confusion_chart(result));
}

void add_top_sections(report::Page& page, const RunResult& result) {
  add_top_panels(page.section("Most anomalous"), result, result.as_they_came(), result.top);
  if (result.observed) {
    report::Section& mixed = page.section("Impostors found");
    mixed.text("The highest scores of the impostor test: what a stranger at the wheel looks like to the model.");
    add_top_panels(mixed, result, result.scored, result.impostor_top);
  }
  if (!result.learned_top.rows.empty()) {
    report::Section& learned = page.section("Most anomalous of the training rows");
    learned.text("The model learned from these too. Look at them before you trust it: a receiver's fault belongs out of the data.");
    add_top_panels(learned, result, result.pipeline->training(), result.learned_top);
  }
}

}  // namespace

std::string run_report(const RunResult& result, const PhaseClock& clock) {
  report::Page page(result.project.name, result.project.question);
  page.figures(key_figures(result));
  add_summary(page, result);
  report::Section& scores = page.section("Scores").chart(score_chart(result));
  if (result.evaluation) scores.chart(roc_chart(result));
  add_top_sections(page, result);
  report::Section& risk = page.section("Where is the risk?");
  for (const SlicedBy& by : result.slices) add_slices(risk, by, result);
  add_training(page, result.training);
  page.section("Data, step by step").table(steps_table(result)).details("The features").table(columns_table(result));
  add_phases(page, clock);
  page.footer(concat("seed ", result.project.seed, " · data ", result.data_fingerprint.substr(0, 12), " · ",
                     result.project.data.path));
  return page.html();
}

}  // namespace crisp
