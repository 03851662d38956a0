#include "train/reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/json_number.h"
#include "cuda/error.h"
#include "train/threshold.h"

namespace crisp {
namespace {

constexpr std::array<double, 11> kLevels{0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};
constexpr size_t kMedian = 5;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::vector<double> finite_values(std::span<const double> values) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
  return finite;
}

double median(std::span<const double> values) {
  const std::vector<double> finite = finite_values(values);
  return finite.empty() ? kUnknown : quantile(finite, 0.5);
}

/// The quantiles at kLevels; the values end up sorted.
std::vector<double> quantiles_at_levels(std::vector<double>& finite) {
  std::vector<double> quantiles(kLevels.size(), kUnknown);
  if (finite.empty()) return quantiles;
  std::sort(finite.begin(), finite.end());
  for (size_t i = 0; i < kLevels.size(); ++i) quantiles[i] = quantile_of_sorted(finite, kLevels[i]);
  return quantiles;
}

bool is_count(const Json& value) { return value.is_number_integer() && value >= 0; }

/// Quantiles of a damaged or invented file need not ascend; drift would be measured against nonsense.
void require_ascending(const Json& column, const std::vector<double>& quantiles) {
  const bool known = column["count"] != 0;
  for (size_t i = 0; i < quantiles.size(); ++i) {
    const bool right = known ? std::isfinite(quantiles[i]) && (i == 0 || quantiles[i] >= quantiles[i - 1])
                             : std::isnan(quantiles[i]);
    CRISP_REQUIRE(right, Code::data, "reference.json: the quantiles of a column do not ascend");
  }
}

Json numbers_to_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number_or_null(value));
  return list;
}

std::vector<double> numbers_from_json(const Json& list, size_t expected) {
  CRISP_REQUIRE(list.is_array() && list.size() == expected, Code::data, "reference.json: expected ", expected,
                " numbers in a list");
  std::vector<double> values;
  for (const Json& value : list) {
    CRISP_REQUIRE(value.is_null() || value.is_number(), Code::data, "reference.json: a list holds something else than numbers");
    values.push_back(value.is_null() ? kUnknown : value.get<double>());
  }
  return values;
}

}  // namespace

Reference Reference::learn(const Table& rows, const std::vector<std::string>& features,
                           std::span<const std::string> groups) {
  Reference reference;
  std::map<std::string, std::vector<size_t>> members;
  for (size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
  for (const std::string& feature : features) {
    const std::vector<double> values = rows.numbers(feature);
    std::vector<double> finite = finite_values(values);
    const auto count = static_cast<int64_t>(finite.size());
    reference.columns_.push_back({feature, count, rows.rows() - count, quantiles_at_levels(finite)});
    for (const auto& [group, places] : members) {
      std::vector<double> own;
      for (const size_t place : places) own.push_back(values[place]);
      reference.group_medians_[group].push_back(median(own));
    }
  }
  return reference;
}

double Reference::usual(size_t feature, const std::string& group) const {
  const auto found = group_medians_.find(group);
  if (found != group_medians_.end() && std::isfinite(found->second[feature])) return found->second[feature];
  return columns_[feature].quantiles[kMedian];
}

std::vector<std::string> Reference::names() const {
  std::vector<std::string> names;
  for (const Column& column : columns_) names.push_back(column.name);
  return names;
}

Json Reference::to_json() const {
  Json json = {{"levels", kLevels}, {"columns", Json::array()}, {"group_medians", Json::object()}};
  for (const Column& column : columns_) {
    json["columns"].push_back({{"name", column.name},
                               {"count", column.count},
                               {"missing", column.missing},
                               {"quantiles", numbers_to_json(column.quantiles)}});
  }
  for (const auto& [group, medians] : group_medians_) json["group_medians"][group] = numbers_to_json(medians);
  return json;
}

Reference Reference::from_json(const Json& json, size_t features) {
  CRISP_REQUIRE(json.is_object() && json.contains("columns") && json["columns"].is_array() &&
                    json["columns"].size() == features && json.contains("group_medians") &&
                    json["group_medians"].is_object(),
                Code::data, "reference.json: expected ", features, " columns and the medians of the groups");
  CRISP_REQUIRE(json.value("levels", Json()) == Json(kLevels), Code::data, "reference.json: other quantiles than ours");
  Reference reference;
  for (const Json& column : json["columns"]) {
    CRISP_REQUIRE(column.is_object() && column.value("name", Json()).is_string() &&
                      is_count(column.value("count", Json())) &&
                      is_count(column.value("missing", Json())) && column.contains("quantiles"),
                  Code::data, "reference.json: a column lacks its name, counts or quantiles");
    reference.columns_.push_back({column["name"].get<std::string>(), column["count"].get<int64_t>(),
                                  column["missing"].get<int64_t>(),
                                  numbers_from_json(column["quantiles"], kLevels.size())});
    require_ascending(column, reference.columns_.back().quantiles);
  }
  for (const auto& [group, medians] : json["group_medians"].items()) {
    reference.group_medians_[group] = numbers_from_json(medians, features);
  }
  return reference;
}

}  // namespace crisp
