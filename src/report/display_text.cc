#include "report/display_text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace crisp::report {
namespace {

struct Interval {
  uint32_t first, last;
};

// Blocks rather than Unicode's full table: a mark that is missed costs one column of alignment, nothing else.
constexpr std::array kCombining = {
    Interval{0x300, 0x36F},   Interval{0x483, 0x489},    Interval{0x591, 0x5BD},   Interval{0x610, 0x61A},
    Interval{0x64B, 0x65F},   Interval{0x6D6, 0x6DC},    Interval{0x93C, 0x93C},   Interval{0x941, 0x948},
    Interval{0xE31, 0xE31},   Interval{0xE34, 0xE3A},    Interval{0xE47, 0xE4E},   Interval{0x1AB0, 0x1AFF},
    Interval{0x1DC0, 0x1DFF}, Interval{0x200C, 0x200D},  Interval{0x20D0, 0x20FF}, Interval{0xFE00, 0xFE0F},
    Interval{0xFE20, 0xFE2F}, Interval{0xE0100, 0xE01EF}};
constexpr std::array kWide = {
    Interval{0x1100, 0x115F},   Interval{0x231A, 0x231B},   Interval{0x2E80, 0x303E},
    Interval{0x3041, 0x33FF},   Interval{0x3400, 0x4DBF},   Interval{0x4E00, 0x9FFF},
    Interval{0xA000, 0xA4CF},   Interval{0xA960, 0xA97F},   Interval{0xAC00, 0xD7A3},
    Interval{0xF900, 0xFAFF},   Interval{0xFE30, 0xFE6F},   Interval{0xFF00, 0xFF60},
    Interval{0xFFE0, 0xFFE6},   Interval{0x1F300, 0x1F64F}, Interval{0x1F680, 0x1F6FF},
    Interval{0x1F900, 0x1F9FF}, Interval{0x1FA70, 0x1FAFF}, Interval{0x20000, 0x3FFFD}};

template <size_t N>
bool contains(const std::array<Interval, N>& sorted, uint32_t character) {
  const auto after = std::upper_bound(sorted.begin(), sorted.end(), character,
                                      [](uint32_t c, const Interval& i) { return c < i.first; });
  return after != sorted.begin() && character <= std::prev(after)->last;
}

size_t cells(uint32_t character) {
  if (character < 0x300) return 1;
  if (contains(kCombining, character)) return 0;
  return contains(kWide, character) ? 2 : 1;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += cells(next_character(text, at));
  return width;
}

std::string fitted(std::string_view text, size_t width, bool unicode) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  size_t used = 0, keep = 0;
  for (size_t at = 0; at < text.size(); keep = at) {
    used += cells(next_character(text, at));
    if (used > width - 1) break;
  }
  return std::string(text.substr(0, keep)) + (unicode ? "…" : "~");
}

std::string padded(std::string_view text, size_t width, Align align) {
  const size_t used = display_width(text);
  const std::string gap(width > used ? width - used : 0, ' ');
  return align == Align::right ? gap + std::string(text) : std::string(text) + gap;
}

}  // namespace crisp::report
