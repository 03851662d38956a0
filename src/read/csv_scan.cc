#include "read/csv_scan.h"

#include <cstring>

namespace crisp {
namespace {

/// Length of the well-formed sequence at `at` (Unicode 15, table 3-7: no overlong forms, surrogates or values
/// beyond 10FFFF), or 0.
int sequence_length(const uint8_t* at, int64_t left) {
  const auto follows = [&](int i, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return i < left && at[i] >= low && at[i] <= high;
  };
  const uint8_t lead = at[0];
  if (lead != 0 && lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const uint8_t low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const uint8_t low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// True where eight bytes are all ASCII and none is 0.
bool plain(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  return ((bytes | (bytes - kOnes)) & kHighs) == 0;
}

}  // namespace

int64_t find_invalid_text(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t i = 0; i < size;) {
    uint64_t word;
    while (i + 8 <= size && (std::memcpy(&word, bytes + i, 8), plain(word))) i += 8;
    if (i >= size) break;
    const int length = sequence_length(bytes + i, size - i);
    if (length == 0) return i;
    i += length;
  }
  return -1;
}

int64_t count_line_ends(std::string_view text) {
  if (text.empty()) return 0;
  int64_t ends = 0;
  const size_t last = text.size() - 1;
  for (size_t i = 0; i < last; ++i) ends += (text[i] == '\n') | ((text[i] == '\r') & (text[i + 1] != '\n'));
  return ends + (text[last] == '\n' || text[last] == '\r');
}

}  // namespace crisp
