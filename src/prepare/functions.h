/// What `crisp functions` lists: every function of the expression language.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

struct FunctionInfo {
  std::string name, group;
  std::string arguments;  ///< "x, [digits]", "x, key..."
  std::string result;     ///< "real", "as x"
  std::string meaning;    ///< one line
  std::string example;    ///< an expression over example_table()
  std::string expected;   ///< what it gives: one value, or one a row, separated by ", "
};

/// All functions by group; the aggregates of the `aggregate` step are the group "aggregate".
std::vector<FunctionInfo> function_reference();

/// The table on which the examples run: vehicle (text), x (integer), t (timestamp), lat, lon, speed (real).
Table example_table();

}  // namespace crisp
