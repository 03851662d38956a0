#include "prepare/fitted_state.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"

namespace crisp {

const Json& state_field(const Json& state, const char* name) {
  if (!state.is_object() || !state.contains(name)) fail(Code::data, "the fitted state has no '", name, "'");
  return state.at(name);
}

double state_number(const Json& value) {
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!std::isfinite(number))
    fail(Code::data, "the fitted state holds ", value.dump().substr(0, 40), " instead of a number");
  return number;
}

std::string state_text(const Json& value) {
  if (!value.is_string())
    fail(Code::data, "the fitted state holds ", value.dump().substr(0, 40), " instead of a text");
  return value.get<std::string>();
}

bool state_flag(const Json& value) {
  if (!value.is_boolean())
    fail(Code::data, "the fitted state holds ", value.dump().substr(0, 40), " instead of true or false");
  return value.get<bool>();
}

int64_t state_integer(const Json& value) {
  // Beyond int64, whole numbers are unsigned ones to the reader of JSON.
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<uint64_t>() <= std::numeric_limits<int64_t>::max());
  if (!fits) fail(Code::data, "the fitted state holds ", value.dump().substr(0, 40), " instead of a whole number");
  return value.get<int64_t>();
}

int64_t state_count(const Json& value) {
  const int64_t count = state_integer(value);
  if (count < 0) fail(Code::data, "the fitted state holds ", count, " instead of a count");
  return count;
}

ColumnType state_column_type(const Json& value) {
  const std::string name = state_text(value);
  for (const ColumnType type : {ColumnType::boolean, ColumnType::integer, ColumnType::real, ColumnType::text,
                                ColumnType::timestamp}) {
    if (name == column_type_name(type)) return type;
  }
  fail(Code::data, "the fitted state names a type '", name.substr(0, 40), "' that columns do not have");
}

std::vector<std::string> state_names(const Json& value) {
  if (!value.is_array()) fail(Code::data, "the fitted state has no list of names");
  std::vector<std::string> out;
  for (const Json& item : value) out.push_back(state_text(item));
  std::vector<std::string> sorted = out;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail(Code::data, "the fitted state holds a name twice");
  return out;
}

}  // namespace crisp
