/// The functions of the expression language as TorchScript.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "prepare/script_columns.h"

namespace crisp {

/// A part of an expression. A constant text has no code until it stands beside a column, whose words then
/// hold it.
struct ScriptTerm {
  ScriptValue value;
  std::optional<std::string> text;
  bool untyped = false;  ///< null, or made of nulls alone
};

struct ScriptFunction {
  const char* name;
  const char* expression;  ///< with $1, $2, ... for the arguments
  ColumnType type = ColumnType::real;
  bool as_first = false;                  ///< the result is of the first argument's type
  bool of_time = false;                   ///< a constant text is read as a timestamp
  std::vector<const char*> methods = {};  ///< that the expression calls
};

/// null where there is none.
const ScriptFunction* script_function(const std::string& name);

/// A result that is not a finite number is missing.
extern const char* const kScriptFinite;
/// Halves away from zero.
extern const char* const kScriptRounded;

}  // namespace crisp
