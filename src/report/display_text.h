/// Text from data made safe and measurable for display: one visible line, its width in terminal cells, and
/// cuts that never split a character. Used by the terminal tables, the charts and the HTML page alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crisp::report {

enum class Align { automatic, left, right };

/// Reads the UTF-8 character at `position` and moves past it. A byte that starts no valid character
/// (overlong, surrogate, above U+10FFFF, cut short) gives U+FFFD and advances by one.
uint32_t next_character(std::string_view text, size_t& position);

/// `text` on one line with nothing hidden in it: control characters, line breaks and the marks that reorder
/// or hide text (bidirectional overrides, zero-width space) become escapes such as \n, \x1b, \u202e; broken
/// UTF-8 becomes U+FFFD.
std::string visible(std::string_view text);

/// Terminal cells that `text` takes: 2 for wide East Asian characters and emoji, 0 for combining marks.
size_t display_width(std::string_view text);

/// `text` cut to `width` cells, the cut marked by an ellipsis ("…", or "~" without `unicode`).
std::string fitted(std::string_view text, size_t width, bool unicode = true);

/// `text` filled with spaces to `width` cells; unchanged where it is wider.
std::string padded(std::string_view text, size_t width, Align align);

}  // namespace crisp::report
