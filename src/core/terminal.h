/// What a terminal can do, and what stands on stderr: lines, and below them at most one progress bar.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/printable.h"

namespace crisp {

/// Colours: where the descriptor is a terminal, unless NO_COLOR is set or TERM is "dumb" or missing.
bool has_colour(int file_descriptor);
/// Columns of the terminal: COLUMNS where it is set, else what the terminal says, else 80; 20 to 1000.
size_t terminal_width(int file_descriptor);

/// A whole line (without newline); a bar that stands there is redrawn below it.
void print_line(std::string_view line);
/// Replaces the bar by `text`, "" takes it away. Nothing happens where stderr is not a terminal.
void show_bar(std::string_view text);
/// Whether bars are shown at all; they are, until somebody says no.
void allow_bar(bool allowed);

}  // namespace crisp
