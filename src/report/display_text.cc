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

// What would move the cursor, end the line, or make text read differently from what it is.
bool is_hidden(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_escape(std::string& out, uint32_t c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (c == '\n') {
    out += "\\n";
    return;
  }
  if (c == '\t') {
    out += "\\t";
    return;
  }
  if (c == '\r') {
    out += "\\r";
    return;
  }
  const int digits = c < 0x80 ? 2 : c < 0x10000 ? 4 : 6;
  out += c < 0x80 ? "\\x" : "\\u";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(c >> shift) & 15];
}

}  // namespace

uint32_t next_character(std::string_view text, size_t& position) {
  constexpr uint32_t kBroken = 0xFFFD;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(position);
  const size_t start = position++;
  if (lead < 0x80) return lead;
  const size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                                                      : 0;
  if (length == 0 || start + length > text.size()) return kBroken;
  uint32_t character = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(start + i) & 0xC0) != 0x80) return kBroken;
    character = character << 6 | (byte(start + i) & 0x3Fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[length] || surrogate || character > 0x10FFFF) return kBroken;
  position = start + length;
  return character;
}

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const uint32_t character = next_character(text, at);
    if (is_hidden(character))
      append_escape(out, character);
    else if (character == 0xFFFD)
      out += "\xEF\xBF\xBD";
    else
      out.append(text.substr(start, at - start));
  }
  return out;
}

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
