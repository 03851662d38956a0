/// The keys of one step, read with checks: each wrong one is Code::config and says what is allowed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/format.h"
#include "core/json.h"
#include "prepare/expression.h"

namespace crisp {

class StepOptions {
 public:
  /// `keys` is the step's table; "step" itself is known.
  explicit StepOptions(const Json& keys) : keys_(keys) {}

  bool has(const std::string& key);
  std::string text(const std::string& key);
  std::string text(const std::string& key, const std::string& fallback);
  double number(const std::string& key, double low, double high);
  double number(const std::string& key, double low, double high, double fallback);
  int64_t integer(const std::string& key, int64_t low, int64_t high, int64_t fallback);
  bool flag(const std::string& key, bool fallback);
  /// One name, or an array of names; none given twice.
  std::vector<std::string> names(const std::string& key);
  std::vector<std::string> names_or_none(const std::string& key);
  std::string choice(const std::string& key, const std::vector<std::string>& allowed,
                     const std::string& fallback);
  Expression expression(const std::string& key);
  /// A table of name = "expression".
  NamedExpressions expressions(const std::string& key);
  /// The key as it stands.
  const Json& raw(const std::string& key);

  /// Call last: any key that was not asked for is unknown, and the nearest that was is named.
  void finish();

 private:
  const Json& at(const std::string& key);
  [[noreturn]] void refuse(const std::string& key, const std::string& wanted);
  const Json& keys_;
  std::vector<std::string> asked_{"step"};
};

/// "a, b, c", cut after `most` names.
std::string listed(const std::vector<std::string>& names, size_t most = 6);

}  // namespace crisp
