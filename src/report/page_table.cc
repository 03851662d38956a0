// Tables in HTML: numbers to the right, bars behind shares, small distributions as drawings, headers that
// stay.
#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "report/page.h"
#include "report/svg.h"

namespace crisp::report {
namespace {

// A distribution in a cell: plain bars without text; the stylesheet sets its size.
std::string spark_html(const std::vector<double>& heights) {
  constexpr size_t kMostBars = 60;
  constexpr double kHeight = 20, kBar = 4;
  const size_t bars = std::min(heights.size(), kMostBars);
  double top = 0;
  for (size_t i = 0; i < bars; ++i) {
    if (std::isfinite(heights[i])) top = std::max(top, heights[i]);
  }
  const std::string width = coordinate(kBar * static_cast<double>(bars));
  std::string path;
  for (size_t i = 0; i < bars; ++i) {
    if (!std::isfinite(heights[i]) || heights[i] <= 0) continue;
    const double height = std::max(1.0, heights[i] / top * kHeight);
    path += "M" + coordinate(kBar * static_cast<double>(i)) + " " + coordinate(kHeight) + "v-" +
            coordinate(height) + "h3v" + coordinate(height) + "z";
  }
  return "<svg class=\"spark\" role=\"img\" aria-label=\"distribution\" viewBox=\"0 0 " + width +
         " 20\" width=\"" + width + "\" height=\"20\"><path d=\"" + path + "\"/></svg>";
}

const char* tone_name(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "good";
    case Tone::warning:
      return "warn";
    case Tone::bad:
      return "bad";
    case Tone::muted:
      return "muted";
  }
  return "";
}

// Share of the column's bar in percent, 0 where it has none.
double bar_share(const Column& column, const Cell& cell) {
  const auto value = column.bar_max > 0 ? displayed_value(cell.text) : std::nullopt;
  if (!value) return 0;
  return std::clamp(*value / column.bar_max, 0.0, 1.0) * 100;
}

void append_cell(std::string& out, const Column& column, Align align, const Cell& cell,
                 const Thinning& thinning) {
  std::string classes = align == Align::right ? "n" : "";
  if (cell.tone != Tone::plain) classes += (classes.empty() ? "" : " ") + std::string(tone_name(cell.tone));
  const double share = bar_share(column, cell);
  if (share > 0) classes += " bar";
  out += "<td";
  if (!classes.empty()) out += " class=\"" + classes + "\"";
  if (share > 0) out += " style=\"--w:" + coordinate(share) + "%\"";
  out += ">" +
         (cell.spark.empty() ? escape_markup(fitted(printable(cell.text), thinning.cell_width))
                             : spark_html(cell.spark)) +
         "</td>";
}

}  // namespace

std::string table_html(const TextTable& table, const Thinning& thinning) {
  std::string out = "<div class=\"table\">";
  if (!table.title.empty()) out += "<h4>" + escape_markup(fitted(table.title, 200)) + "</h4>";
  out += "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>";
  std::vector<Align> align;
  for (size_t column = 0; column < table.columns.size(); ++column) {
    align.push_back(column_align(table, column));
    const Column& about = table.columns[column];
    out += align.back() == Align::right ? "<th scope=\"col\" class=\"n\"" : "<th scope=\"col\"";
    if (!about.help.empty()) out += " title=\"" + escape_markup(fitted(about.help, 300)) + "\"";
    out += ">" + escape_markup(fitted(printable(about.name), thinning.cell_width)) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  const size_t rows = std::min(table.rows.size(), thinning.table_rows);
  for (size_t row = 0; row < rows; ++row) {
    out += "<tr>";
    for (size_t column = 0; column < table.columns.size(); ++column)
      append_cell(out, table.columns[column], align[column], cell_at(table, row, column), thinning);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>";
  if (rows < table.rows.size())
    out += "<p class=\"about\">The first " + format_count(static_cast<int64_t>(rows)) + " of " +
           format_count(static_cast<int64_t>(table.rows.size())) + " rows.</p>";
  if (!table.note.empty()) out += "<p class=\"about\">" + escape_markup(fitted(table.note, 600)) + "</p>";
  return out + "</div>";
}

}  // namespace crisp::report
