/// Text from data made safe and measurable for display: one visible line, its width in terminal cells, and
/// cuts that never split a character. Used by the terminal tables, the charts and the HTML page alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/printable.h"

namespace crisp::report {

enum class Align { automatic, left, right };

/// Terminal cells that `text` takes: 2 for wide East Asian characters and emoji, 0 for combining marks.
size_t display_width(std::string_view text);

/// `text` cut to `width` cells, the cut marked by an ellipsis ("…", or "~" without `unicode`).
std::string fitted(std::string_view text, size_t width, bool unicode = true);

/// `text` filled with spaces to `width` cells; unchanged where it is wider.
std::string padded(std::string_view text, size_t width, Align align);

}  // namespace crisp::report
