#include "prepare/step_options.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"

namespace crisp {

bool StepOptions::has(const std::string& key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  return keys_.contains(key);
}

const Json& StepOptions::at(const std::string& key) {
  if (!has(key)) {
    finish();  // a misspelt key is the likelier mistake, and names this one
    fail(Code::config, "key '", key, "' is missing");
  }
  return keys_.at(key);
}

void StepOptions::refuse(const std::string& key, const std::string& wanted) {
  fail(Code::config, "key '", key, "' must be ", wanted, ", not ", keys_.at(key).dump().substr(0, 60));
}

const Json& StepOptions::raw(const std::string& key) { return at(key); }

std::string StepOptions::text(const std::string& key) {
  const Json& value = at(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) refuse(key, "a text");
  return value.get<std::string>();
}

std::string StepOptions::text(const std::string& key, const std::string& fallback) {
  return has(key) ? text(key) : fallback;
}

double StepOptions::number(const std::string& key, double low, double high) {
  const Json& value = at(key);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= low && number <= high)) refuse(key, concat("a number from ", low, " to ", high));
  return number;
}

double StepOptions::number(const std::string& key, double low, double high, double fallback) {
  return has(key) ? number(key, low, high) : fallback;
}

int64_t StepOptions::integer(const std::string& key, int64_t low, int64_t high, int64_t fallback) {
  if (!has(key)) return fallback;
  const Json& value = at(key);
  if (!value.is_number_integer() || value.get<int64_t>() < low || value.get<int64_t>() > high) {
    refuse(key, concat("an integer from ", low, " to ", high));
  }
  return value.get<int64_t>();
}

bool StepOptions::flag(const std::string& key, bool fallback) {
  if (!has(key)) return fallback;
  if (!at(key).is_boolean()) refuse(key, "true or false");
  return at(key).get<bool>();
}

std::vector<std::string> StepOptions::names(const std::string& key) {
  const Json& value = at(key);
  if (value.is_string()) return {text(key)};
  if (!value.is_array() || value.empty()) refuse(key, "a name or a list of names");
  std::vector<std::string> out;
  for (const Json& item : value) {
    if (!item.is_string()) refuse(key, "a list of names");
    out.push_back(item.get<std::string>());
    if (std::count(out.begin(), out.end(), out.back()) > 1) {
      fail(Code::config, "key '", key, "' names '", out.back(), "' twice");
    }
  }
  return out;
}

std::vector<std::string> StepOptions::names_or_none(const std::string& key) {
  return has(key) ? names(key) : std::vector<std::string>{};
}

std::string StepOptions::choice(const std::string& key, const std::vector<std::string>& allowed,
                                const std::string& fallback) {
  const std::string value = text(key, fallback);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  throw Error(Code::config, concat("key '", key, "': '", value, "' is not one of ", listed(allowed, 20)),
              did_you_mean(value, allowed));
}

Expression StepOptions::expression(const std::string& key) { return Expression::parse(text(key)); }

NamedExpressions StepOptions::expressions(const std::string& key) {
  const Json& value = at(key);
  if (!value.is_object() || value.empty()) refuse(key, "a table of name = \"expression\"");
  NamedExpressions out;
  for (const auto& [name, expression] : value.items()) {
    if (!expression.is_string())
      fail(Code::config, "key '", key, ".", name, "' must be an expression in quotes");
    try {
      out.emplace_back(name, Expression::parse(expression.get<std::string>()));
    } catch (Error& error) {
      error.add_context(concat("column '", name, "'"));
      throw;
    }
  }
  return out;
}

void StepOptions::finish() {
  for (const auto& [key, value] : keys_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    const std::string near = did_you_mean(key, asked_);
    throw Error(Code::config, concat("unknown key '", key, "'"),
                near.empty() ? concat("the keys are ", listed(asked_, 20)) : near);
  }
}

std::string listed(const std::vector<std::string>& names, size_t most) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), most); ++i) out += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? concat(out, " and ", names.size() - most, " more") : out;
}

}  // namespace crisp
