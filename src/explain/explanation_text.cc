#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "evaluate/prediction_page.h"
#include "explain/explanation.h"

namespace crisp {
namespace {

constexpr size_t kShown = 30, kBarWidth = 12;

/// "0.123 ± 0.004".
std::string permuted_text(const PredictionMetric& metric, const Permuted& permuted) {
  if (!std::isfinite(permuted.deviation)) return metric_text(metric, permuted.mean);
  return concat(metric_text(metric, permuted.mean), " ± ", metric_text(metric, permuted.deviation));
}

std::string count_text(double count) { return std::isfinite(count) ? format_count(static_cast<int64_t>(count)) : "–"; }

/// Which measures say something of these columns.
struct Measures {
  bool shapley = false, permutation = false, gain = false, splits = false;

  explicit Measures(const std::vector<ColumnImportance>& columns) {
    for (const ColumnImportance& column : columns) {
      shapley |= std::isfinite(column.shapley), permutation |= std::isfinite(column.permuted.mean);
      gain |= std::isfinite(column.gain), splits |= std::isfinite(column.splits);
    }
  }
};

double leading(const ColumnImportance& column, const Measures& measures) { return measures.shapley ? column.shapley : column.permuted.mean; }

report::TextTable importance_table(const Explanation& explanation, const report::TerminalStyle& style) {
  const Measures measures(explanation.columns);
  const size_t shown = std::min(kShown, explanation.columns.size());
  double total_gain = 0;
  for (const ColumnImportance& column : explanation.columns) total_gain += std::isfinite(column.gain) ? column.gain : 0;
  report::TextTable table;
  table.columns = {"column", report::Column("", report::Align::left)};
  if (measures.shapley) table.columns.emplace_back("mean |SHAP|", report::Align::right);
  if (measures.permutation) table.columns.emplace_back(concat("loss of ", explanation.permutation->metric->name), report::Align::right);
  if (measures.gain) table.columns.emplace_back("gain", report::Align::right);
  if (measures.splits) table.columns.emplace_back("splits", report::Align::right);
  const double top = explanation.columns.empty() ? 0 : leading(explanation.columns.front(), measures);
  for (size_t i = 0; i < shown; ++i) {
    const ColumnImportance& column = explanation.columns[i];
    std::vector<report::Cell> row{column.column.name, report::bar(top > 0 ? leading(column, measures) / top : 0, kBarWidth, style)};
    if (measures.shapley) row.emplace_back(format_number(column.shapley));
    if (measures.permutation) row.emplace_back(permuted_text(*explanation.permutation->metric, column.permuted));
    if (measures.gain) row.emplace_back(std::isfinite(column.gain) ? format_percent(column.gain / total_gain) : "–");
    if (measures.splits) row.emplace_back(count_text(column.splits));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::pair<std::string, std::string>> facts_of(const Explanation& explanation) {
  std::vector<std::pair<std::string, std::string>> facts{{"model", explanation.model}, {"rows", format_count(explanation.rows)}};
  if (explanation.shapley) {
    const ShapleyValues& shapley = *explanation.shapley;
    facts.emplace_back("explained", shapley.of);
    if (shapley.classes.empty()) facts.emplace_back("expected", format_number(shapley.expected[0], 4));
    facts.emplace_back("residual", concat(format_number(shapley.residual, 2), ", the most that expected and SHAP together miss the model by"));
  }
  if (explanation.permutation) {
    const PermutationImportance& found = *explanation.permutation;
    facts.emplace_back(found.metric->name, concat(metric_text(*found.metric, found.before), " on ", counted(found.rows, "row"), " with a truth"));
  }
  return facts;
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const report::TerminalStyle& style) {
  std::string text = report::render_pairs(facts_of(explanation), style) + report::heading("What counts", style) +
                     report::render(importance_table(explanation, style), style);
  if (explanation.columns.size() > kShown) text += concat(explanation.columns.size() - kShown, " more columns count for less\n");
  for (const std::string& remark : explanation.notes) text += remark + "\n";
  for (size_t tree = 0; tree < explanation.rules.size(); ++tree) {
    text += report::heading(explanation.rules.size() == 1 ? "The tree, rule by rule" : concat("Tree ", tree + 1), style);
    for (const std::string& rule : explanation.rules[tree]) text += rule + "\n";
  }
  return text;
}

}  // namespace crisp
