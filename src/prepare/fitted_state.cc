#include "prepare/fitted_state.h"

#include <algorithm>
#include <cmath>

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

std::vector<std::string> state_names(const Json& value) {
  if (!value.is_array()) fail(Code::data, "the fitted state has no list of names");
  std::vector<std::string> out;
  for (const Json& item : value) out.push_back(state_text(item));
  std::vector<std::string> sorted = out;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail(Code::data, "the fitted state names a column twice");
  return out;
}

}  // namespace crisp
