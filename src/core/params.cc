#include "core/params.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/printable.h"
#include "cuda/error.h"

namespace crisp {
namespace {

// --- from what was given to a value of the parameter's type; nothing where it does not fit
// -------------------------

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value = {};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

std::optional<ParamValue> to_flag(const Json& given) {
  if (given.is_boolean()) return given.get<bool>();
  const std::string text = given.is_string() ? given.get<std::string>() : given.dump();
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return std::nullopt;
}

std::optional<ParamValue> to_real(const Json& given) {
  std::optional<double> value;
  if (given.is_number()) value = given.get<double>();
  if (given.is_string()) value = parse_number<double>(given.get<std::string>());
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return *value;
}

std::optional<ParamValue> to_integer(const Json& given) {
  if (given.is_number_unsigned() && given.get<uint64_t>() > uint64_t{INT64_MAX}) return std::nullopt;
  if (given.is_number_integer()) return given.get<int64_t>();
  if (given.is_string()) {
    if (const auto value = parse_number<int64_t>(given.get<std::string>())) return *value;
  }
  // 100.0 and "1e6" are whole numbers too; beyond 2^53 a double no longer says which one is meant.
  const auto real = to_real(given);
  if (!real) return std::nullopt;
  const double value = std::get<double>(*real);
  if (value != std::floor(value) || std::fabs(value) > 9007199254740992.0) return std::nullopt;
  return static_cast<int64_t>(value);
}

/// A list becomes what would be typed: "64, 64".
std::optional<ParamValue> to_list(const Json& given) {
  std::string text;
  for (const Json& entry : given) {
    if (!entry.is_string() && !entry.is_number()) return std::nullopt;
    text += (text.empty() ? "" : ", ") + (entry.is_string() ? entry.get<std::string>() : entry.dump());
  }
  return text;
}

std::optional<ParamValue> to_choice(const Json& given, const Param& param) {
  if (given.is_array() && param.choices.empty()) return to_list(given);
  if (!given.is_string() && !given.is_number()) return std::nullopt;
  std::string text = given.is_string() ? given.get<std::string>() : given.dump();
  const bool free = param.choices.empty();
  if (!free && std::find(param.choices.begin(), param.choices.end(), text) == param.choices.end())
    return std::nullopt;
  return text;
}

std::optional<ParamValue> convert(const Param& param, const Json& given) {
  if (std::holds_alternative<bool>(param.fallback)) return to_flag(given);
  if (std::holds_alternative<int64_t>(param.fallback)) return to_integer(given);
  if (std::holds_alternative<double>(param.fallback)) return to_real(given);
  return to_choice(given, param);
}

// --- messages
// ------------------------------------------------------------------------------------------------------

bool in_range(const Param& param, const ParamValue& value) {
  double number = 0;
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    number = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else {
    return true;
  }
  return number >= param.low && number <= param.high;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string range_text(const Param& param) {
  constexpr double kUnbounded = 1e308;
  const bool low = param.low > -kUnbounded, high = param.high < kUnbounded;
  if (low && high) return concat(" from ", param.low, " to ", param.high);
  if (low) return concat(" of at least ", param.low);
  return high ? concat(" of at most ", param.high) : std::string();
}

std::string expected(const Param& param) {
  if (std::holds_alternative<bool>(param.fallback)) return "true or false";
  if (std::holds_alternative<int64_t>(param.fallback)) return "a whole number" + range_text(param);
  if (std::holds_alternative<double>(param.fallback)) return "a number" + range_text(param);
  return param.choices.empty() ? "a text" : "one of " + join(param.choices);
}

std::string shown(const Json& given) {
  const std::string text =
      given.is_string() ? "'" + printable(given.get<std::string>()) + "'" : to_text(given);
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

std::string spelled_with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

bool answers_to(const Param& param, const std::string& name) {
  return param.name == name ||
         std::find(param.aliases.begin(), param.aliases.end(), name) != param.aliases.end();
}

const Param& find(const std::vector<Param>& params, const std::string& name) {
  for (const Param& param : params) {
    if (answers_to(param, spelled_with_underscores(name))) return param;
  }
  std::vector<std::string> known, all;
  for (const Param& param : params) {
    known.push_back(param.name);
    all.push_back(param.name);
    all.insert(all.end(), param.aliases.begin(), param.aliases.end());
  }
  const std::string near = nearest_name(name, all);
  throw Error(Code::config, concat("unknown parameter '", printable(name.substr(0, 80)), "'"),
              near.empty() ? "the parameters are " + join(known) : concat("did you mean '", near, "'?"));
}

template <class T>
const T& value_of(const std::map<std::string, ParamValue>& values, const std::string& name) {
  const auto found = values.find(name);
  CRISP_ASSERT(found != values.end() && std::holds_alternative<T>(found->second));
  return std::get<T>(found->second);
}

}  // namespace

bool Params::flag(const std::string& name) const { return value_of<bool>(values_, name); }
int64_t Params::integer(const std::string& name) const { return value_of<int64_t>(values_, name); }
double Params::real(const std::string& name) const { return value_of<double>(values_, name); }
const std::string& Params::text(const std::string& name) const {
  return value_of<std::string>(values_, name);
}

Json Params::to_json() const {
  Json out = Json::object();
  for (const auto& [name, value] : values_) {
    std::visit([&, &key = name](const auto& v) { out[key] = v; }, value);
  }
  return out;
}

ParamTable::ParamTable(std::vector<Param> params) : params_(std::move(params)) {
  std::set<std::string> names;
  for (const Param& param : params_) {
    CRISP_ASSERT(names.insert(param.name).second);
    for (const std::string& alias : param.aliases) CRISP_ASSERT(names.insert(alias).second);
    CRISP_ASSERT(in_range(param, param.fallback));
  }
}

bool ParamTable::has(const std::string& name) const {
  return std::any_of(params_.begin(), params_.end(), [&](const Param& param) { return param.name == name; });
}

Params ParamTable::resolve(const Json& given) const {
  Params out;
  for (const Param& param : params_) out.values_[param.name] = param.fallback;
  if (given.is_null()) return out;
  CRISP_REQUIRE(given.is_object(), Code::config, "parameters must be a table of names and values");
  std::map<std::string, std::string> spelling;
  for (const auto& [name, value] : given.items()) {
    const Param& param = find(params_, name);
    const auto [earlier, fresh] = spelling.emplace(param.name, name);
    CRISP_REQUIRE(fresh, Code::config, "parameter '", param.name, "' is given twice, as '", earlier->second,
                  "' and as '", name, "'");
    const auto converted = convert(param, value);
    CRISP_REQUIRE(converted && in_range(param, *converted), Code::config, "parameter '", name, "' is ",
                  shown(value), "; expected ", expected(param));
    out.values_[param.name] = *converted;
  }
  return out;
}

}  // namespace crisp
