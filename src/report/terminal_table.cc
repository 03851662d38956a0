// Tables in the terminal: which columns fit, how wide each becomes, and the lines themselves.
#include <algorithm>
#include <numeric>

#include "core/format.h"
#include "report/terminal.h"

namespace crisp::report {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kSmallestText = 8;  // a text column is not cut below this
constexpr size_t kLongestText = 60;  // nor does one take more than this of a wide terminal

struct Layout {
  std::vector<size_t> width;
  std::vector<Align> align;
  size_t shown = 0;  // columns from the left
};

Paint paint_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return Paint::plain;
    case Tone::good:
      return Paint::good;
    case Tone::warning:
      return Paint::warning;
    case Tone::bad:
      return Paint::bad;
    case Tone::muted:
      return Paint::dim;
  }
  return Paint::plain;
}

std::string cell_text(const Cell& cell, const TerminalStyle& style) {
  return cell.spark.empty() ? printable(cell.text) : sparkline(cell.spark, style);
}

size_t total_width(const Layout& layout) {
  const auto end = layout.width.begin() + static_cast<std::ptrdiff_t>(layout.shown);
  return std::accumulate(layout.width.begin(), end, layout.shown ? (layout.shown - 1) * kGap : 0);
}

// Takes from the widest text column, one cell at a time, until the table fits or all are at their smallest.
void shrink_texts(Layout& layout, size_t room) {
  for (size_t total = total_width(layout); total > room; --total) {
    size_t widest = layout.shown;
    for (size_t i = 0; i < layout.shown; ++i) {
      const bool can = layout.align[i] == Align::left && layout.width[i] > kSmallestText;
      if (can && (widest == layout.shown || layout.width[i] > layout.width[widest])) widest = i;
    }
    if (widest == layout.shown) return;
    --layout.width[widest];
  }
}

Layout lay_out(const TextTable& table, const std::vector<std::string>& names,
               const std::vector<std::vector<std::string>>& texts, const TerminalStyle& style) {
  Layout layout;
  layout.shown = names.size();
  for (size_t column = 0; column < names.size(); ++column) {
    layout.align.push_back(column_align(table, column));
    size_t width = display_width(names[column]);
    for (const auto& row : texts) width = std::max(width, display_width(row[column]));
    const bool cut = style.width && layout.align[column] == Align::left;
    layout.width.push_back(cut ? std::min(width, std::max(kLongestText, style.width / 2)) : width);
  }
  if (style.width == 0) return layout;
  const std::vector<size_t> natural = layout.width;
  for (; layout.shown > 1; --layout.shown) {
    layout.width = natural;
    shrink_texts(layout, style.width);
    if (total_width(layout) <= style.width) return layout;
  }
  layout.width[0] = std::min(natural[0], style.width);
  return layout;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

std::string header(const Layout& layout, const std::vector<std::string>& names, const TerminalStyle& style) {
  std::string line, rule;
  for (size_t i = 0; i < layout.shown; ++i) {
    const std::string gap(i ? kGap : 0, ' ');
    const std::string name =
        padded(fitted(names[i], layout.width[i], style.unicode), layout.width[i], layout.align[i]);
    line += gap + painted(name, Paint::bold, style);
    rule += gap;
    for (size_t c = 0; c < layout.width[i]; ++c) rule += style.unicode ? "─" : "-";
  }
  std::string out;
  append_line(out, line);
  return out + painted(rule, Paint::dim, style) + "\n";
}

std::string left_out(const TextTable& table, const Layout& layout, size_t rows, const TerminalStyle& style) {
  std::string out;
  const auto say = [&](const std::string& text) {
    out += painted(style.width ? fitted(text, style.width, style.unicode) : text, Paint::dim, style) + "\n";
  };
  const std::string dots = style.unicode ? "… " : "... ";
  if (rows < table.rows.size())
    say(dots + counted(static_cast<int64_t>(table.rows.size() - rows), "more row"));
  if (layout.shown < table.columns.size()) {
    std::string names;
    for (size_t i = layout.shown; i < table.columns.size(); ++i)
      names += (names.empty() ? "" : ", ") + printable(table.columns[i].name);
    say(dots + counted(static_cast<int64_t>(table.columns.size() - layout.shown), "more column") + ": " + names);
  }
  if (!table.note.empty()) say(printable(table.note));
  return out;
}

}  // namespace

std::string render(const TextTable& table, const TerminalStyle& style, size_t max_rows) {
  const size_t rows = std::min(max_rows, table.rows.size());
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(printable(column.name));
  std::vector<std::vector<std::string>> texts(rows);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < names.size(); ++column)
      texts[row].push_back(cell_text(cell_at(table, row, column), style));
  }
  const Layout layout = lay_out(table, names, texts, style);
  std::string out = table.title.empty() ? "" : painted(printable(table.title), Paint::bold, style) + "\n";
  if (layout.shown) out += header(layout, names, style);
  for (size_t row = 0; row < rows; ++row) {
    std::string line;
    for (size_t i = 0; i < layout.shown; ++i) {
      const Cell& cell = cell_at(table, row, i);
      const std::string text = fitted(texts[row][i], layout.width[i], style.unicode);
      const Paint paint = cell.spark.empty() ? paint_of(cell.tone) : Paint::accent;
      const std::string gap(layout.width[i] - std::min(layout.width[i], display_width(text)), ' ');
      // The blanks stay outside the colour codes, so that the end of the line can be trimmed.
      const std::string shown = painted(text, paint, style);
      line += std::string(i ? kGap : 0, ' ') + (layout.align[i] == Align::right ? gap + shown : shown + gap);
    }
    append_line(out, line);
  }
  return out + left_out(table, layout, rows, style);
}

}  // namespace crisp::report
