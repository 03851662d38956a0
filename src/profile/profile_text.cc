#include <unistd.h>

#include <map>

#include "core/format.h"
#include "profile/profile.h"
#include "profile/profile_values.h"
#include "report/terminal.h"

namespace crisp {
namespace {

using report::Align;
using report::Cell;
using report::Column;
using report::TextTable;
using report::Tone;

constexpr size_t kBars = 12;
constexpr size_t kTerminalRows = 200;
constexpr int64_t kNamedColumns = 8;  // of each kind of alert

Cell missing_cell(const ColumnProfile& column) {
  if (column.missing == 0) return {"–", Tone::muted};
  const double share = static_cast<double>(column.missing) / static_cast<double>(column.rows());
  return {format_percent(share), share > 0.2 ? Tone::warning : Tone::plain};
}

TextTable columns_table(const TableProfile& profile) {
  TextTable table;
  bool tails = false, estimates = false;
  table.columns = {Column("column", Align::left),
                   "type",
                   Column("missing", Align::right),
                   "distinct",
                   Column("min", Align::right),
                   Column("max", Align::right),
                   "distribution"};
  for (const ColumnProfile& column : profile.columns) {
    table.rows.push_back({column.name, column_type_name(column.type), missing_cell(column),
                          distinct_text(column), value_text(column, column.low, true),
                          value_text(column, column.high, true),
                          Cell::distribution(small_bars(column, kBars))});
    estimates = estimates || !column.distinct_exact;
    tails = tails || column.histogram.below + column.histogram.above > 0;
  }
  if (tails) table.note = "Tails beyond the middle 98 % by more than its width are not drawn.";
  if (estimates) {
    table.note += concat(tails ? " " : "", "≈: estimated, ± 1 %, where more than 65,536 values differ.");
  }
  return table;
}

TextTable moments_table(const TableProfile& profile) {
  TextTable table;
  table.columns = {Column("column", Align::left),    Column("mean", Align::right),
                   Column("std", Align::right),      Column("skewness", Align::right),
                   Column("kurtosis", Align::right), Column("zeros", Align::right)};
  for (const ColumnProfile& column : profile.columns) {
    if (!column.has_distribution()) continue;
    table.rows.push_back({column.name, value_text(column, column.mean), spread_text(column, column.deviation),
                          format_number(column.skewness), format_number(column.kurtosis),
                          column.zeros > 0 ? share_text(column.zeros, column.rows()) : "–"});
  }
  return table;
}

TextTable quantiles_table(const TableProfile& profile) {
  TextTable table;
  table.columns = {Column("column", Align::left)};
  for (const double percent : kProfilePercents)
    table.columns.emplace_back(quantile_name(percent), Align::right);
  for (const ColumnProfile& column : profile.columns) {
    // Seven moments in time do not fit a line; the page has them.
    if (!column.has_distribution() || column.type == ColumnType::timestamp) continue;
    std::vector<Cell>& row = table.rows.emplace_back();
    row.push_back(column.name);
    for (const double value : column.quantiles) row.push_back(value_text(column, value));
  }
  return table;
}

TextTable frequent_table(const TableProfile& profile) {
  TextTable table;
  table.columns = {Column("column", Align::left), Column("most frequent values", Align::left)};
  for (const ColumnProfile& column : profile.columns) {
    if (column.has_distribution() || column.count == 0) continue;
    table.rows.push_back({column.name, frequent_text(column, 4)});
  }
  return table;
}

/// One entry a kind, in the order of the alerts, with its columns in one line and the advice below it.
std::vector<std::pair<std::string, std::string>> alert_pairs(const TableProfile& profile) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::map<std::string, int64_t> seen;
  for (const Alert& alert : profile.alerts) ++seen[alert.kind];
  for (const auto& [kind, count] : seen) {
    std::string where, advice;
    int64_t named = 0;
    for (const Alert& alert : profile.alerts) {
      if (alert.kind != kind || ++named > kNamedColumns) continue;
      where += concat(named > 1 ? "; " : "", alert.column, alert.column.empty() ? "" : ": ", alert.what);
      advice = alert.advice;
    }
    if (count > kNamedColumns) where += concat("; and ", count - kNamedColumns, " columns more");
    pairs.emplace_back(kind, where);
    pairs.emplace_back("", concat("→ ", advice));
  }
  return pairs;
}

std::vector<std::pair<std::string, std::string>> overview(const TableProfile& profile,
                                                          const std::string& path,
                                                          const ReadReport& reading) {
  std::vector<std::pair<std::string, std::string>> pairs = source_pairs(path, reading);
  pairs.insert(pairs.begin() + 1, {{"rows", concat(format_count(profile.rows), ", ",
                                                   duplicates_text(profile), " of them duplicates")},
                                   {"columns", concat(profile.columns.size())},
                                   {"missing", concat(counted(profile.missing(), "cell"), ", ",
                                                      format_percent(profile.missing_share()))}});
  return pairs;
}

}  // namespace

std::string profile_text(const TableProfile& profile, const std::string& path, const ReadReport& reading) {
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  std::string text =
      report::heading("Profile", style) + report::render_pairs(overview(profile, path, reading), style);
  const auto add = [&](const char* title, const TextTable& table) {
    if (!table.rows.empty())
      text += report::heading(title, style) + report::render(table, style, kTerminalRows);
  };
  add("Columns", columns_table(profile));
  add("Numbers", moments_table(profile));
  add("Quantiles", quantiles_table(profile));
  add("Texts", frequent_table(profile));
  if (profile.alerts.empty()) return text;
  return text + report::heading("Alerts", style) + report::render_pairs(alert_pairs(profile), style);
}

}  // namespace crisp
