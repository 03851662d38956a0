#include "evaluate/prediction_page.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "evaluate/prediction_charts.h"

namespace crisp {
namespace {

using report::Align;
using report::Column;
using report::TextTable;

constexpr size_t kShownMistakes = 10;
constexpr size_t kTerminalClasses = 20;

std::string interval_text(const MetricResult& result) {
  if (!std::isfinite(result.interval.low)) return "–";
  return concat(metric_text(*result.metric, result.interval.low), " to ",
                metric_text(*result.metric, result.interval.high));
}

std::string level_text(const BootstrapPlan& plan) { return concat(format_number(100 * plan.level), " %"); }

std::string share_text(double value) { return std::isfinite(value) ? format_fixed(value, 3) : "–"; }

std::vector<report::Cell> average_row(const PredictionEvaluation& evaluation, const std::string& average) {
  const bool macro = average == "macro";
  const auto value = [&](const std::string& metric) {
    const MetricResult* result = evaluation.find(metric);
    return result ? share_text(result->value) : "–";
  };
  std::vector<report::Cell> row{report::Cell(macro ? "mean" : "mean by rows", report::Tone::muted),
                                format_count(evaluation.rows)};
  for (const char* figure : {"precision_", "recall_", "f1_"}) row.push_back(value(figure + average));
  for (const char* figure : {"roc_auc", "average_precision"})
    row.push_back(value(concat(figure, macro ? "" : "_weighted")));
  return row;
}

report::KeyFigure key_figure(const PredictionEvaluation& evaluation, const char* metric,
                             const std::string& label, const std::string& note) {
  const MetricResult* result = evaluation.find(metric);
  const bool interval = std::isfinite(result->interval.low);
  return {label, metric_text(*result->metric, result->value),
          concat(interval ? interval_text(*result) : "", note.empty() || !interval ? "" : "; ", note)};
}

void add_notes(report::Section& section, const PredictionEvaluation& evaluation) {
  for (const std::string& note : evaluation.notes) section.note(note, report::Tone::warning);
}

void add_class_section(report::Section& section, const PredictionEvaluation& evaluation) {
  const bool two = evaluation.classes.names.size() == 2,
             compared = evaluation.classes.judged.confusion.classes_in_truth() > 1;
  section.chart(confusion_chart(evaluation)).chart(probability_chart(evaluation));
  if (compared) section.chart(roc_chart(evaluation)).chart(precision_recall_chart(evaluation));
  section.chart(calibration_chart(evaluation));
  if (compared && two) section.chart(cutoff_chart(evaluation));
  section.table(class_table(evaluation));
  if (!two) section.heading("Most frequent mistakes").table(mistake_table(evaluation));
}

void add_number_section(report::Section& section, const PredictionEvaluation& evaluation) {
  section.chart(predicted_chart(evaluation)).chart(error_chart(evaluation));
  section.chart(error_histogram(evaluation)).chart(quantile_chart(evaluation));
}

}  // namespace

std::string metric_text(const PredictionMetric& metric, double value) {
  if (!std::isfinite(value)) return "–";
  return metric.of_classes ? format_fixed(value, 4) : format_number(value, 4);
}

TextTable metric_table(const PredictionEvaluation& evaluation) {
  TextTable table;
  const BootstrapPlan& plan = evaluation.intervals;
  table.columns = {"metric", Column("value", Align::right), Column(level_text(plan) + " interval"),
                   "meaning"};
  for (const MetricResult& result : evaluation.metrics)
    table.rows.push_back({result.metric->name, metric_text(*result.metric, result.value),
                          interval_text(result), result.metric->about});
  if (plan.resamples > 0)
    table.note =
        concat(level_text(plan), " intervals from ", format_count(plan.resamples), " resamples of ",
               plan.most_rows < evaluation.rows ? concat(format_count(plan.most_rows), " of the ") : "",
               counted(evaluation.rows, "row"), ".");
  return table;
}

TextTable class_table(const PredictionEvaluation& evaluation) {
  TextTable table;
  table.columns = {"class", "rows",
                   Column("precision", Align::right, "Of the rows answered so, the share that are", 1),
                   Column("recall", Align::right, "Of the rows that are, the share answered so", 1),
                   Column("F1", Align::right, "Harmonic mean of precision and recall", 1)};
  const ConfusionMatrix& matrix = evaluation.classes.judged.confusion;
  for (int64_t k = 0; k < matrix.classes(); ++k) {
    const Confusion counts = matrix.one_against_rest(k);
    table.rows.push_back({evaluation.classes.names[static_cast<size_t>(k)], format_count(counts.positives()),
                          share_text(counts.precision()), share_text(counts.recall()),
                          share_text(counts.f1())});
  }
  if (matrix.classes() > 2) {
    table.columns.push_back(Column("ROC-AUC", Align::right));
    table.columns.push_back(Column("average precision", Align::right));
    for (const ClassCurves& curves : evaluation.classes.judged.classes) {
      auto& row = table.rows[static_cast<size_t>(curves.index)];
      row.push_back(share_text(curves.roc_auc)), row.push_back(share_text(curves.average_precision));
    }
  }
  for (const char* average : {"macro", "weighted"}) table.rows.push_back(average_row(evaluation, average));
  return table;
}

TextTable mistake_table(const PredictionEvaluation& evaluation) {
  const ConfusionMatrix& matrix = evaluation.classes.judged.confusion;
  struct Mistake {
    int64_t truth, answer, rows;
  };
  std::vector<Mistake> mistakes;
  for (int64_t truth = 0; truth < matrix.classes(); ++truth) {
    for (int64_t answer = 0; answer < matrix.classes(); ++answer) {
      if (truth != answer && matrix.at(truth, answer) > 0)
        mistakes.push_back({truth, answer, matrix.at(truth, answer)});
    }
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.rows > b.rows; });
  TextTable table;
  table.columns = {"in truth", "model says", "rows", Column("of the class", Align::right)};
  for (size_t i = 0; i < std::min(mistakes.size(), kShownMistakes); ++i) {
    const Mistake& mistake = mistakes[i];
    table.rows.push_back({evaluation.classes.names[static_cast<size_t>(mistake.truth)],
                          evaluation.classes.names[static_cast<size_t>(mistake.answer)],
                          format_count(mistake.rows),
                          format_percent(share(mistake.rows, matrix.support(mistake.truth)))});
  }
  return table;
}

std::vector<report::KeyFigure> key_figures(const PredictionEvaluation& evaluation) {
  const report::KeyFigure rows{"Rows judged", format_count(evaluation.rows), ""};
  if (evaluation.task == Task::regression) {
    return {key_figure(evaluation, "rmse", "RMSE", ""),
            key_figure(evaluation, "mae", "Mean absolute error", ""),
            key_figure(evaluation, "r2", "R²", "always the mean: 0"), rows};
  }
  const double majority = evaluation.classes.judged.confusion.majority_accuracy();
  return {key_figure(evaluation, "accuracy", "Accuracy",
                     concat("always the largest class: ", share_text(majority))),
          key_figure(evaluation, "roc_auc", "ROC-AUC", "chance: 0.5"),
          key_figure(evaluation, "log_loss", "Log loss", ""), rows};
}

void add_prediction_sections(report::Page& page, const PredictionEvaluation& evaluation) {
  report::Section& figures = page.section("Figures", "figures");
  add_notes(figures, evaluation);
  figures.table(metric_table(evaluation));
  if (evaluation.task == Task::classification)
    add_class_section(page.section("Classes", "classes"), evaluation);
  else
    add_number_section(page.section("Errors", "errors"), evaluation);
}

std::string prediction_text(const PredictionEvaluation& evaluation, const report::TerminalStyle& style) {
  std::string text = report::render(metric_table(evaluation), style);
  for (const std::string& note : evaluation.notes) text += note + "\n";
  if (evaluation.task == Task::classification)
    text +=
        report::heading("Classes", style) + report::render(class_table(evaluation), style, kTerminalClasses);
  return text;
}

}  // namespace crisp
