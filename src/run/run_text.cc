#include <algorithm>
#include <unistd.h>

#include "report/terminal.h"
#include "core/format.h"
#include "run/run_project.h"

namespace crisp {
namespace {

using report::Cell;
using report::TextTable;
using report::Tone;

/// The figures of the model beside those of always answering "normal".
TextTable metrics_table(const RunResult& result) {
  const Evaluation& evaluation = *result.evaluation;
  const Confusion& counts = evaluation.counts;
  const LabelPlan& label = result.project.pipeline.label;
  const std::string normal = label.normal.empty() ? "normal" : label.normal;
  TextTable table;
  table.columns = {"", "this model", concat("always ", normal)};
  table.rows = {
      {"accuracy", format_percent(counts.accuracy()), format_percent(counts.always_negative_accuracy())},
      {concat("  ", normal, " recognised"), format_percent(counts.specificity()), "100.0 %"},
      {concat("  ", label.anomaly, " found"), format_percent(counts.recall()), "0.0 %"},
      {"balanced accuracy", format_percent(counts.balanced_accuracy()), "50.0 %"},
      {"ROC-AUC", format_fixed(evaluation.roc_auc, 3), "0.500"}};
  return table;
}

TextTable top_table(const RunResult& result) {
  TextTable table;
  table.columns = {"score", "which", "why"};
  const Scored& scored = result.as_they_came();
  const Table& rows = scored.rows;
  const std::string by = result.project.tracks ? result.project.tracks->by : std::string();
  const std::vector<std::string> names =
      !by.empty() && rows.has(by) ? rows.texts(by) : std::vector<std::string>();
  for (size_t i = 0; i < std::min<size_t>(5, result.top.rows.size()); ++i) {
    const auto row = static_cast<size_t>(result.top.rows[i]);
    table.rows.push_back({format_fixed(scored.scores[row], 2),
                          names.empty() ? concat("row ", row + 1) : names[row], reasons_text(result.top.reasons[i], 2)});
  }
  return table;
}

}  // namespace

std::string models_text(const RunResult& result) {
  const Pipeline& pipeline = *result.pipeline;
  if (pipeline.per().empty()) return "one for all rows";
  const auto own = static_cast<int64_t>(pipeline.models().group_names().size());
  if (own > 0) return concat("one for each of ", counted(own, "value"), " of ", pipeline.per(), " and one for the rest");
  return concat("one for all rows: no ", pipeline.per(), " has ", counted(result.project.pipeline.fit.min_rows, "row"),
                " to learn from");
}

std::string run_text(const RunResult& result, const std::string& report_path) {
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  const Pipeline& pipeline = *result.pipeline;
  std::vector<std::pair<std::string, std::string>> facts{
      {"data", concat(counted(result.reading.rows(), "row"), " of ", result.project.data.path)},
      {"prepared", concat(counted(result.train_rows, "row"), " to learn from, ",
                          result.project.test_rows ? concat(format_count(result.scored.rows.rows()), " to test, ")
                                                   : std::string("the same rows are scored, "),
                          counted(static_cast<int64_t>(pipeline.features().size()), "feature"))},
      {"model", concat(result.project.pipeline.fit.learner->title(), ", ", models_text(result))},
      {"cutoff", format_fixed(pipeline.cutoff(), 3)}};
  for (const std::string& note : result.notes) facts.emplace_back("", note);
  std::string text = report::heading(result.project.name, style);
  text += report::render_pairs(facts, style);
  if (result.evaluation) text += report::heading("How well", style) + report::render(metrics_table(result), style);
  text += report::heading("Most anomalous", style) + report::render(top_table(result), style);
  if (!report_path.empty()) text += "\n" + report::render_pairs({{"report", report_path}}, style);
  return text;
}

}  // namespace crisp
