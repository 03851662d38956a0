#include "prepare/column_pattern.h"

#include <algorithm>

#include "core/name_pattern.h"
#include "cuda/error.h"

namespace crisp {

std::vector<std::string> columns_like(const Table& table, const std::vector<std::string>& patterns) {
  const std::vector<std::string> names = table.names();
  std::vector<std::string> out;
  for (const std::string& pattern : patterns) {
    bool found = false;
    const bool exact = table.has(pattern);
    for (const std::string& name : names) {
      if (exact ? name != pattern : !name_matches(name, pattern)) continue;
      found = true;
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
    if (found) continue;
    const std::string near = nearest_name(pattern, names);
    throw Error(Code::data, concat("no column '", pattern, "'"),
                near.empty() ? "" : concat("did you mean '", near, "'?"));
  }
  return out;
}

}  // namespace crisp
