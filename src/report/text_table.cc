#include "report/text_table.h"

#include "core/format.h"

namespace crisp::report {
namespace {

bool says_nothing(const std::string& text) {
  return text.empty() || text == "–" || text == "-" || text == "∞";
}

}  // namespace

const Cell& cell_at(const TextTable& table, size_t row, size_t column) {
  static const Cell kBlank;
  return column < table.rows[row].size() ? table.rows[row][column] : kBlank;
}

Align column_align(const TextTable& table, size_t column) {
  if (table.columns[column].align != Align::automatic) return table.columns[column].align;
  bool any = false;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const Cell& cell = cell_at(table, row, column);
    if (!cell.spark.empty()) return Align::left;
    if (says_nothing(cell.text)) continue;
    if (!displayed_value(cell.text)) return Align::left;
    any = true;
  }
  return any ? Align::right : Align::left;
}

}  // namespace crisp::report
