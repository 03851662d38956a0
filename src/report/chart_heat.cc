#include "report/chart_heat.h"

#include <algorithm>
#include <cmath>

#include "report/chart.h"
#include "core/format.h"
#include "report/svg.h"

namespace crisp::report {
namespace {

constexpr size_t kMostCells = 40;  // each way

double value_at(const HeatChart& chart, size_t row, size_t column) {
  const bool there = row < chart.values.size() && column < chart.values[row].size();
  return there && std::isfinite(chart.values[row][column]) ? chart.values[row][column] : 0;
}

// What each value is measured against for its shade: its row's sum, or the largest value of all.
double whole(const HeatChart& chart, size_t row, size_t rows, size_t columns) {
  double sum = 0, top = 0;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) top = std::max(top, std::abs(value_at(chart, r, c)));
  }
  for (size_t c = 0; c < columns; ++c) sum += std::abs(value_at(chart, row, c));
  return chart.share_of_row ? sum : top;
}

}  // namespace

std::string draw(const HeatChart& chart, double) {
  const size_t rows = std::min(chart.row_labels.size(), kMostCells),
               columns = std::min(chart.column_labels.size(), kMostCells);
  double label_width = 40;
  for (size_t r = 0; r < rows; ++r)
    label_width = std::max(label_width, std::min(130.0, text_pixels(chart.row_labels[r])));
  const double left = label_width + 34, top = chart.column_title.empty() ? 28 : 48;
  const double cell_width = (kChartWidth - left - 4) / static_cast<double>(std::max<size_t>(columns, 1));
  const double cell_height = rows <= 4 ? 84 : rows <= 10 ? 44 : 24;
  Svg svg(kChartWidth, top + cell_height * static_cast<double>(rows) + 6, chart.title);
  if (!chart.column_title.empty())
    svg.text((left + kChartWidth) / 2, 14, chart.column_title, "mu", Anchor::middle);
  if (!chart.row_title.empty())
    svg.text_upwards(12, top + cell_height * static_cast<double>(rows) / 2, chart.row_title, "mu");
  for (size_t c = 0; c < columns; ++c) {
    const double middle = left + cell_width * (static_cast<double>(c) + 0.5);
    svg.text(middle, top - 10, fitted_pixels(chart.column_labels[c], cell_width), "", Anchor::middle);
  }
  for (size_t r = 0; r < rows; ++r) {
    const double y = top + cell_height * static_cast<double>(r), sum = whole(chart, r, rows, columns);
    svg.text(left - 8, y + cell_height / 2 + 4, fitted_pixels(chart.row_labels[r], label_width), "",
             Anchor::end);
    for (size_t c = 0; c < columns; ++c) {
      const double x = left + cell_width * static_cast<double>(c), value = value_at(chart, r, c);
      const double share = sum > 0 ? std::abs(value) / sum : 0;
      const std::string tip = chart.row_title + " " + chart.row_labels[r] + ", " + chart.column_title + " " +
                              chart.column_labels[c] + ": " + format_number(value, 6) +
                              (chart.share_of_row ? " (" + format_percent(share) + " of the row)" : "");
      svg.shade(x + 2, y + 2, cell_width - 4, cell_height - 4, 0.05 + 0.5 * share, "f1", tip);
      const bool two_lines = chart.share_of_row && cell_height > 40;
      svg.text(x + cell_width / 2, y + cell_height / 2 + (two_lines ? 0 : 4), format_number(value, 6),
               cell_height > 60 ? "big" : "", Anchor::middle);
      if (two_lines)
        svg.text(x + cell_width / 2, y + cell_height / 2 + 18, format_percent(share), "", Anchor::middle);
    }
  }
  return svg.finish();
}

}  // namespace crisp::report
