/// What people read in a terminal: aligned tables, key-value blocks, bars and sparklines. Every function
/// returns text that ends with a line break (but sparkline() and painted(), which return a piece of a line).
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "report/text_table.h"

namespace crisp::report {

enum class ColourChoice { automatic, always, never };

/// How to write: decided once per stream by terminal_style(). `width` 0 never cuts.
struct TerminalStyle {
  bool colour = false;
  bool unicode = true;
  size_t width = 80;
};

/// The style for an open file descriptor. Colour: only on a terminal, without NO_COLOR in the environment and
/// with a TERM other than "dumb", unless chosen. Width: the terminal's (COLUMNS wins); a pipe or file is
/// never cut. ASCII instead of block characters where the locale is not UTF-8.
TerminalStyle terminal_style(int file_descriptor, ColourChoice choice = ColourChoice::automatic);

enum class Paint { plain, bold, dim, good, warning, bad, accent };

/// `text` in a colour; unchanged where the style has none.
std::string painted(const std::string& text, Paint paint, const TerminalStyle& style);

/// A bold line with a blank line before it.
std::string heading(const std::string& text, const TerminalStyle& style);

/// Header, rule, rows. Text columns shrink to fit the width (cells end with an ellipsis); where that is not
/// enough the last columns are left out and named below. At most `max_rows` rows, the rest counted below.
std::string render(const TextTable& table, const TerminalStyle& style, size_t max_rows = 60);

/// "name   value" lines with the values in one column; long values continue below themselves.
std::string render_pairs(const std::vector<std::pair<std::string, std::string>>& pairs,
                         const TerminalStyle& style);

/// `share` of `width` cells as full blocks and one of eighths; nothing for 0.
std::string bar(double share, size_t width, const TerminalStyle& style);

/// One horizontal bar with its label to the left and its text (default: the value) to the right.
struct TerminalBar {
  std::string label;
  double value = 0;
  std::string text = {};
  Paint paint = Paint::accent;
};
/// Bars on one scale from 0 to the largest value, in eighths of a character.
std::string render_bars(const std::vector<TerminalBar>& bars, const TerminalStyle& style);

/// A histogram with one line a bin: `edges` has one more entry than `counts`. A bin that holds `mark` says so
/// (the cutoff of a score).
std::string render_histogram(std::span<const double> edges, std::span<const double> counts,
                             const TerminalStyle& style, const double* mark = nullptr);

/// One character a value, the largest full; empty bins stay blank, non-finite ones too.
std::string sparkline(std::span<const double> values, const TerminalStyle& style);

}  // namespace crisp::report
