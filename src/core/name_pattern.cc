#include "core/name_pattern.h"

#include <cstdint>
#include <utility>
#include <vector>

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

}  // namespace crisp
