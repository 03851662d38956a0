/// Small tables for the tests of src/prepare.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/exec.h"
#include "prepare/expression.h"
#include "prepare/recipe.h"
#include "table/table.h"

namespace crisp {

inline Exec& test_exec() {
  static Exec exec(Device::cpu(), 2);
  return exec;
}

/// Values of an expression as text, "missing" where there is none, joined by ", "; one value if all are
/// equal.
inline std::string evaluated(const Table& table, const std::string& expression) {
  const Table out = Expression::parse(expression).derive(test_exec(), table, "result");
  const std::vector<std::string> texts = out.texts("result");
  const std::vector<uint8_t> missing = out.missing("result");
  std::string joined;
  bool equal = true;
  const auto text = [&](size_t i) { return missing[i] ? std::string("missing") : texts[i]; };
  for (size_t i = 0; i < texts.size(); ++i) {
    joined += (i > 0 ? ", " : "") + text(i);
    equal &= text(i) == text(0);
  }
  return equal && !texts.empty() ? text(0) : joined;
}

/// Runs stateless steps given as JSON text.
inline Table run_steps(const Table& table, const std::string& steps, StepLog* log = nullptr) {
  StepLog own;
  return Recipe::parse(Json::parse(steps)).run_stateless(test_exec(), table, log ? *log : own);
}

/// What an action is refused with: "message | hint"; "" when it is not.
template <class Action>
std::string refusal(Action action, Code code) {
  try {
    action();
  } catch (const Error& error) {
    if (error.code() != code)
      return concat("wrong code ", static_cast<int>(error.code()), ": ", error.what());
    return concat(error.what(), " | ", error.hint());
  }
  return "";
}

}  // namespace crisp
