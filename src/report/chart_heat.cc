#include "report/chart_heat.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "report/chart.h"
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

/// Where the cells lie, and how names of columns are written: lying, or upright where they are too wide.
struct Grid {
  size_t rows, columns;
  double left, top, cell_width, cell_height;
  bool upright_names;
  bool numbers;  ///< all fit their cells; otherwise the shades alone stand there, and the tips tell

  double x(size_t column) const { return left + cell_width * static_cast<double>(column); }
  double y(size_t row) const { return top + cell_height * static_cast<double>(row); }
};

constexpr double kLongestName = 130, kLongestUpright = 90;

double widest(const std::vector<std::string>& labels, size_t count, double least, double most) {
  double pixels = least;
  for (size_t i = 0; i < count; ++i) pixels = std::max(pixels, std::min(most, text_pixels(labels[i])));
  return pixels;
}

Grid lay_out(const HeatChart& chart) {
  Grid grid{std::min(chart.row_labels.size(), kMostCells),
            std::min(chart.column_labels.size(), kMostCells),
            0,
            0,
            0,
            0,
            false,
            true};
  grid.left = widest(chart.row_labels, grid.rows, 40, kLongestName) + 34;
  grid.cell_width = (kChartWidth - grid.left - 4) / static_cast<double>(std::max<size_t>(grid.columns, 1));
  grid.cell_height = grid.rows <= 4 ? 84 : grid.rows <= 10 ? 44 : 24;
  const double names = widest(chart.column_labels, grid.columns, 0, kLongestUpright);
  grid.upright_names = grid.cell_width < std::min(60.0, names);
  grid.top = (chart.column_title.empty() ? 28 : 48) + (grid.upright_names ? names - 12 : 0);
  for (size_t r = 0; r < grid.rows; ++r) {
    for (size_t c = 0; c < grid.columns; ++c)
      grid.numbers =
          grid.numbers && text_pixels(format_number(value_at(chart, r, c), 6)) <= grid.cell_width - 2;
  }
  return grid;
}

void draw_names(Svg& svg, const HeatChart& chart, const Grid& grid) {
  if (!chart.column_title.empty())
    svg.text((grid.left + kChartWidth) / 2, 14, chart.column_title, "mu", Anchor::middle);
  if (!chart.row_title.empty())
    svg.text_upwards(12, (grid.top + grid.y(grid.rows)) / 2, chart.row_title, "mu");
  for (size_t c = 0; c < grid.columns; ++c) {
    const double middle = grid.x(c) + grid.cell_width / 2;
    const std::string name =
        fitted_pixels(chart.column_labels[c], grid.upright_names ? kLongestUpright : grid.cell_width);
    if (grid.upright_names)
      svg.text_upwards(middle + 4, grid.top - 8 - text_pixels(name) / 2, name, "");
    else
      svg.text(middle, grid.top - 10, name, "", Anchor::middle);
  }
  for (size_t r = 0; r < grid.rows; ++r) {
    svg.text(grid.left - 8, grid.y(r) + grid.cell_height / 2 + 4,
             fitted_pixels(chart.row_labels[r], grid.left - 34), "", Anchor::end);
  }
}

/// The shade, the number, its share below it where there is room.
void draw_cell(Svg& svg, const HeatChart& chart, const Grid& grid, size_t r, size_t c, double sum) {
  const double x = grid.x(c), y = grid.y(r), value = value_at(chart, r, c);
  const double share = sum > 0 ? std::abs(value) / sum : 0;
  const std::string text = format_number(value, 6);
  const std::string tip = chart.row_title + " " + chart.row_labels[r] + ", " + chart.column_title + " " +
                          chart.column_labels[c] + ": " + text +
                          (chart.share_of_row ? " (" + format_percent(share) + " of the row)" : "");
  const double gap = grid.cell_width > 30 ? 2 : 1;
  svg.shade(x + gap, y + gap, grid.cell_width - 2 * gap, grid.cell_height - 2 * gap,
            0.05 + (grid.numbers ? 0.5 : 0.9) * share, "f1", tip);
  if (!grid.numbers) return;
  const double middle = x + grid.cell_width / 2;
  const bool two_lines =
      chart.share_of_row && grid.cell_height > 40 && text_pixels(format_percent(share)) < grid.cell_width;
  const bool big = grid.cell_height > 60 && 1.5 * text_pixels(text) < grid.cell_width;
  svg.text(middle, y + grid.cell_height / 2 + (two_lines ? 0 : 4), text, big ? "big" : "", Anchor::middle);
  if (two_lines) svg.text(middle, y + grid.cell_height / 2 + 18, format_percent(share), "", Anchor::middle);
}

}  // namespace

std::string draw(const HeatChart& chart, double) {
  const Grid grid = lay_out(chart);
  Svg svg(kChartWidth, grid.y(grid.rows) + 6, chart.title);
  draw_names(svg, chart, grid);
  for (size_t r = 0; r < grid.rows; ++r) {
    const double sum = whole(chart, r, grid.rows, grid.columns);
    for (size_t c = 0; c < grid.columns; ++c) draw_cell(svg, chart, grid, r, c, sum);
  }
  return svg.finish();
}

}  // namespace crisp::report
