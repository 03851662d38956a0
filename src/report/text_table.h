/// A table of finished texts: what both the terminal and the HTML page print. No data types of other stages.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/display_text.h"

namespace crisp::report {

/// How a text is meant; colour never carries it alone.
enum class Tone { plain, good, warning, bad, muted };

/// One cell: a text, or a small distribution drawn as bars (`spark`: heights, e.g. the counts of a
/// histogram).
struct Cell {
  Cell(std::string text = "", Tone tone = Tone::plain) : text(std::move(text)), tone(tone) {}
  Cell(const char* text, Tone tone = Tone::plain) : text(text), tone(tone) {}
  static Cell distribution(std::vector<double> heights) {
    Cell cell;
    cell.spark = std::move(heights);
    return cell;
  }
  std::string text;
  Tone tone;
  std::vector<double> spark;
};

/// `automatic` puts a column to the right where all its cells are numbers. `bar_max` > 0 draws a quiet bar
/// behind the numbers of the column in HTML, full at that value.
struct Column {
  Column(std::string name, Align align = Align::automatic, std::string help = "", double bar_max = 0)
      : name(std::move(name)), align(align), help(std::move(help)), bar_max(bar_max) {}
  Column(const char* name) : name(name) {}
  std::string name;
  Align align = Align::automatic;
  std::string help;
  double bar_max = 0;
};

/// Rows may be ragged: what is missing is blank, what is too much is not shown.
struct TextTable {
  std::vector<Column> columns = {};
  std::vector<std::vector<Cell>> rows = {};
  std::string title = {};
  std::string note = {};
};

/// The cell, or a blank one where the row is too short.
const Cell& cell_at(const TextTable& table, size_t row, size_t column);

/// `align` of the column with `automatic` decided by the cells.
Align column_align(const TextTable& table, size_t column);

}  // namespace crisp::report
