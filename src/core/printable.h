/// Text from outside, shown and not obeyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crisp {

/// Reads the UTF-8 character at `position` and moves past it. A byte that starts no valid character
/// (overlong, surrogate, above U+10FFFF, cut short) gives U+FFFD and advances by one.
uint32_t next_character(std::string_view text, size_t& position);

/// `text` on one line with nothing hidden in it: names and values from files must not steer a terminal or forge
/// lines in a log. Control characters, line breaks and the marks that reorder or hide text (bidirectional
/// overrides, zero-width space) become escapes such as \n, \x1b, \u202e; broken UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

}  // namespace crisp
