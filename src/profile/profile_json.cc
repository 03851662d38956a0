#include "profile/alerts.h"
#include "profile/profile.h"
#include "profile/profile_values.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

/// Numbers as they are (null for NaN), timestamps as ISO 8601.
Json json_value(const ColumnProfile& column, double value) {
  if (std::isnan(value)) return nullptr;
  if (column.type != ColumnType::timestamp) return value;
  std::string text;
  append_timestamp(text, std::llround(value * 1e6));
  return text;
}

Json json_number(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

Json histogram_json(const ColumnProfile& column) {
  const ColumnHistogram& histogram = column.histogram;
  return {{"low", histogram.low},
          {"high", histogram.high},
          {"counts", histogram.counts},
          {"below", histogram.below},
          {"above", histogram.above}};
}

void add_distribution(const ColumnProfile& column, Json& out) {
  out["min"] = json_value(column, column.low);
  out["max"] = json_value(column, column.high);
  out["mean"] = json_value(column, column.mean);
  out["std"] = json_number(column.deviation);
  out["skewness"] = json_number(column.skewness);
  out["kurtosis"] = json_number(column.kurtosis);
  Json quantiles = Json::object();
  for (size_t k = 0; k < kProfilePercents.size(); ++k) {
    quantiles[quantile_name(kProfilePercents[k])] = json_value(column, column.quantiles[k]);
  }
  out["quantiles"] = std::move(quantiles);
  out["histogram"] = histogram_json(column);
}

Json column_json(const ColumnProfile& column) {
  Json out{{"name", column.name},         {"type", column_type_name(column.type)},
           {"count", column.count},       {"missing", column.missing},
           {"distinct", column.distinct}, {"imbalance", column.imbalance}};
  if (!column.distinct_exact) out["distinct_estimated"] = true;
  if (column.type == ColumnType::real) out["infinite"] = column.infinite;
  if (column.type == ColumnType::real || column.type == ColumnType::integer) out["zeros"] = column.zeros;
  if (column.type == ColumnType::boolean) out["mean"] = json_number(column.mean);
  if (column.has_distribution()) add_distribution(column, out);
  Json frequent = Json::array();
  for (const ValueCount& value : column.frequent)
    frequent.push_back({{"value", value.value}, {"count", value.count}});
  out["frequent"] = std::move(frequent);
  return out;
}

}  // namespace

Json profile_json(const TableProfile& profile, const std::string& path, const ReadReport& reading) {
  Json columns = Json::array(), alerts = Json::array(), rules = Json::object();
  for (const ColumnProfile& column : profile.columns) columns.push_back(column_json(column));
  for (const Alert& alert : profile.alerts) {
    alerts.push_back(
        {{"kind", alert.kind}, {"column", alert.column}, {"what", alert.what}, {"advice", alert.advice}});
  }
  for (const auto& [kind, rule] : alert_rules()) rules[kind] = rule;
  return {{"schema", "crisp.profile/1"},
          {"data", path},
          {"rows", profile.rows},
          {"missing", profile.missing()},
          {"duplicates", profile.duplicates},
          {"duplicates_estimated", !profile.duplicates_exact},
          {"columns", std::move(columns)},
          {"alerts", std::move(alerts)},
          {"alert_rules", std::move(rules)},
          {"reading", reading.to_json()}};
}

}  // namespace crisp
