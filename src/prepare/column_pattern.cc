#include "prepare/column_pattern.h"

#include <algorithm>
#include <utility>

#include "cuda/error.h"

namespace crisp {

bool name_matches(const std::string& name, const std::string& pattern) {
  // reach[i]: the pattern so far matches the first i letters of the name.
  std::vector<uint8_t> reach(name.size() + 1, 0);
  reach[0] = 1;
  for (const char sign : pattern) {
    uint8_t before = reach[0];
    if (sign != '*') reach[0] = 0;
    for (size_t i = 1; i <= name.size(); ++i) {
      const uint8_t diagonal = std::exchange(before, reach[i]);
      reach[i] = sign == '*' ? reach[i] | reach[i - 1] : diagonal & (name[i - 1] == sign);
    }
  }
  return reach[name.size()];
}

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
