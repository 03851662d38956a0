#include "core/memory_size.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace crisp {

int64_t machine_memory() {
  int64_t memory = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  std::ifstream file("/sys/fs/cgroup/memory.max");
  int64_t most = 0;
  if (file >> most && most > 0) memory = std::min(memory, most);
  return memory;
}

int64_t parse_memory_size(std::string_view text) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const size_t power = unit.empty() ? 0 : std::string_view("KMGT").find(unit) + 1;
  int64_t bytes = 0;
  const bool good = error == std::errc() && size > 0 && power <= 4 && unit.size() <= 1 &&
                    !__builtin_mul_overflow(size, int64_t{1} << (10 * power), &bytes);
  return good ? bytes : -1;
}

}  // namespace crisp
