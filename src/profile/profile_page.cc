#include "core/format.h"
#include "profile/alerts.h"
#include "profile/profile.h"
#include "profile/profile_values.h"
#include "report/chart_bars.h"
#include "report/chart_histogram.h"
#include "report/page.h"

namespace crisp {
namespace {

using report::Align;
using report::Cell;
using report::Column;
using report::TextTable;
using report::Tone;

constexpr size_t kBars = 24;
constexpr double kDay = 86'400;

std::vector<report::KeyFigure> key_figures(const TableProfile& profile) {
  return {{"Rows", format_count(profile.rows)},
          {"Columns", concat(profile.columns.size())},
          {"Missing cells", format_percent(profile.missing_share()), format_count(profile.missing())},
          {"Duplicate rows", duplicates_text(profile), share_text(profile.duplicates, profile.rows),
           profile.duplicates > 0 ? Tone::warning : Tone::plain},
          {"Alerts", concat(profile.alerts.size()), "", profile.alerts.empty() ? Tone::good : Tone::warning}};
}

TextTable columns_table(const TableProfile& profile) {
  TextTable table;
  table.columns = {Column("column", Align::left),
                   "type",
                   Column("missing", Align::right, "share of the rows", 100),
                   "distinct",
                   Column("min", Align::right),
                   Column("median", Align::right),
                   Column("max", Align::right),
                   "distribution"};
  for (const ColumnProfile& column : profile.columns) {
    table.rows.push_back({column.name, column_type_name(column.type),
                          share_text(column.missing, column.rows()), distinct_text(column),
                          value_text(column, column.low),
                          value_text(column, column.quantiles[kProfilePercents.size() / 2]),
                          value_text(column, column.high), Cell::distribution(small_bars(column, kBars))});
  }
  return table;
}

TextTable alerts_table(const std::vector<Alert>& alerts, const std::string& only) {
  TextTable table;
  table.columns = {"alert", Column("column", Align::left), Column("what", Align::left), "what to do"};
  for (const Alert& alert : alerts) {
    if (!only.empty() && alert.column != only) continue;
    table.rows.push_back({{alert.kind, Tone::warning}, alert.column, alert.what, alert.advice});
  }
  return table;
}

TextTable rules_table() {
  TextTable table;
  table.columns = {"alert", "raised where"};
  for (const auto& [kind, rule] : alert_rules()) table.rows.push_back({kind, rule});
  return table;
}

report::HistogramChart histogram_chart(const ColumnProfile& column) {
  const ColumnHistogram& histogram = column.histogram;
  // An axis of dates does not exist: days since the first value do.
  const bool time = column.type == ColumnType::timestamp;
  const double origin = time ? column.low : 0, unit = time ? kDay : 1;
  report::HistogramChart chart{"Distribution",
                               time ? concat("days since ", value_text(column, column.low)) : column.name};
  const auto bins = static_cast<double>(histogram.counts.size());
  for (double i = 0; i <= bins; ++i) {
    chart.edges.push_back((histogram.low - origin + (histogram.high - histogram.low) * (i / bins)) / unit);
  }
  chart.series.push_back({"rows", std::vector<double>(histogram.counts.begin(), histogram.counts.end())});
  if (histogram.below + histogram.above > 0) {
    chart.note = concat("Not drawn: ", format_count(histogram.below), " values below ",
                        value_text(column, histogram.low), ", ", format_count(histogram.above), " above ",
                        value_text(column, histogram.high), ".");
  }
  return chart;
}

report::BarChart frequent_chart(const ColumnProfile& column) {
  report::BarChart chart{"Most frequent values", "rows", {}};
  int64_t rest = column.count;
  for (const ValueCount& value : column.frequent) {
    chart.bars.push_back(
        {value.value, static_cast<double>(value.count),
         concat(format_count(value.count), " (", share_text(value.count, column.count), ")")});
    rest -= value.count;
  }
  if (rest > 0) {
    const int64_t others = column.distinct - static_cast<int64_t>(column.frequent.size());
    chart.note = concat(counted(rest, "row"), " (", share_text(rest, column.count), ") of ", counted(others, "other value"), ".");
  }
  return chart;
}

std::string part_text(int64_t part, int64_t whole) {
  return part > 0 ? concat(format_count(part), " (", share_text(part, whole), ")") : "0";
}

/// One row of figures.
TextTable figures_table(const ColumnProfile& column) {
  TextTable table;
  table.rows.emplace_back();
  const auto add = [&](const char* name, const std::string& value) {
    table.columns.emplace_back(name, Align::right);
    table.rows[0].push_back(value);
  };
  add("values", format_count(column.count));
  add("missing", part_text(column.missing, column.rows()));
  add("distinct", distinct_text(column));
  if (column.infinite > 0) add("infinite", format_count(column.infinite));
  if (column.type == ColumnType::boolean) add("true", format_percent(column.mean));
  if (!column.has_distribution()) return table;
  if (column.type != ColumnType::timestamp) add("zeros", part_text(column.zeros, column.rows()));
  add("min", value_text(column, column.low, true));
  add("max", value_text(column, column.high, true));
  add("mean", value_text(column, column.mean, true));
  add("std", spread_text(column, column.deviation));
  return table;
}

TextTable shape_table(const ColumnProfile& column) {
  TextTable table;
  table.rows.emplace_back();
  for (size_t k = 0; k < kProfilePercents.size(); ++k) {
    table.columns.emplace_back(quantile_name(kProfilePercents[k]), Align::right);
    table.rows[0].push_back(value_text(column, column.quantiles[k], true));
  }
  table.columns.emplace_back("skewness", Align::right);
  table.columns.emplace_back("kurtosis", Align::right);
  table.rows[0].push_back(format_number(column.skewness));
  table.rows[0].push_back(format_number(column.kurtosis));
  return table;
}

/// The most frequent of values that hardly repeat say nothing.
bool worth_showing(const ColumnProfile& column) {
  if (column.count == 0 || column.frequent.front().count == 1) return false;
  int64_t covered = 0;
  for (const ValueCount& value : column.frequent) covered += value.count;
  return covered * 10 >= column.count;
}

void add_column(report::Section& section, const ColumnProfile& column, const std::vector<Alert>& alerts) {
  report::Section& panel = section.panel(column.name, column_type_name(column.type));
  for (const Alert& alert : alerts) {
    if (alert.column == column.name)
      panel.note(concat(alert.kind, ": ", alert.what, " — ", alert.advice), Tone::warning);
  }
  panel.table(figures_table(column));
  if (column.has_distribution()) panel.table(shape_table(column)).chart(histogram_chart(column));
  if (worth_showing(column)) panel.chart(frequent_chart(column));
}

}  // namespace

std::string profile_report(const TableProfile& profile, const std::string& path, const ReadReport& reading) {
  report::Page page("Data profile", path);
  page.figures(key_figures(profile));
  page.section("Overview").pairs(source_pairs(path, reading)).table(columns_table(profile));
  report::Section& alerts = page.section("Alerts");
  if (profile.alerts.empty())
    alerts.text("None.");
  else
    alerts.table(alerts_table(profile.alerts, ""));
  alerts.details("When an alert is raised").table(rules_table());
  report::Section& columns = page.section("Columns");
  columns.text(
      "Figures are of the finite values. Quantiles are linear between neighbours; std is that of the sample; "
      "skewness and kurtosis (0 for a normal distribution) are those of the values as they are. More than 65,536 different "
      "values are estimated (≈, ± 1 %), and frequent ones sought among the first 65,536.");
  for (const ColumnProfile& column : profile.columns) add_column(columns, column, profile.alerts);
  return page.html();
}

}  // namespace crisp
