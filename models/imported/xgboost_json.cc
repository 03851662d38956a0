#include "models/imported/xgboost_json.h"

#include <cmath>

#include "models/imported/number_text.h"

namespace crisp {

const Json& XgboostJson::member(const Json& json, const char* key, bool (Json::*is_kind)() const noexcept) const {
  if (json.is_object()) {
    const auto found = json.find(key);
    if (found != json.end() && ((*found).*is_kind)()) return *found;
  }
  refuse("'", key, "' is missing, or is not what XGBoost writes");
}

int64_t XgboostJson::parameter(const Json& json, const char* key, int64_t low, int64_t high) const {
  const auto& text = member(json, key, &Json::is_string).get_ref<const std::string&>();
  const auto value = whole_number(text);
  if (!value || *value < low || *value > high) refuse("'", key, "' is not a whole number from ", low, " to ", high);
  return *value;
}

std::vector<double> XgboostJson::numbers(const Json& tree, const char* key, int64_t number, size_t expected) const {
  const Json& list = member(tree, key, &Json::is_array);
  if (list.size() != expected) refuse("tree ", number, ": '", key, "' has ", list.size(), " numbers for ", expected, " nodes");
  std::vector<double> out;
  out.reserve(list.size());
  for (const Json& value : list) {
    // JSON has no infinity or NaN; older releases write them as texts or null.
    out.push_back(value.is_number() ? value.get<double>() : value.is_boolean() ? value.get<bool>() : std::nan(""));
  }
  return out;
}

std::vector<int64_t> XgboostJson::whole(const Json& tree, const char* key, int64_t number, size_t expected) const {
  std::vector<int64_t> out;
  for (const double value : numbers(tree, key, number, expected)) {
    out.push_back(value == std::floor(value) && std::fabs(value) < 0x1p53 ? static_cast<int64_t>(value) : -2);
  }
  return out;
}

}  // namespace crisp
