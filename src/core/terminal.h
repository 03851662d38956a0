/// What stands on stderr: lines, and below them at most one progress bar.
#pragma once

#include <string>
#include <string_view>

namespace crisp {

bool stderr_is_terminal();
/// Colours: on a terminal, unless NO_COLOR is set or TERM is "dumb".
bool stderr_has_colour();
/// Columns of the terminal on stderr, 80 where that is unknown.
int terminal_width();

/// A whole line (without newline); a bar that stands there is redrawn below it.
void print_line(std::string_view line);
/// Replaces the bar by `text`, "" takes it away. Nothing happens where stderr is not a terminal.
void show_bar(std::string_view text);
/// Whether bars are shown at all; they are, until somebody says no.
void allow_bar(bool allowed);

/// `text` with control characters (newlines, escape sequences, ...) written as \n, \t or \x1b: names and
/// values from files must not steer a terminal or forge lines in a log.
std::string printable(std::string_view text);

}  // namespace crisp
