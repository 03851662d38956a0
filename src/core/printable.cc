#include "core/printable.h"

namespace crisp {
namespace {

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

std::string printable(std::string_view text) {
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

}  // namespace crisp
