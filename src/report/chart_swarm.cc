#include "report/chart_swarm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/format.h"
#include "report/chart.h"
#include "report/shade.h"

namespace crisp::report {
namespace {

constexpr double kRow = 34, kBin = 4;  // pixels of a row, and along it of dots that lie upon each other
constexpr double kHalf = kRow / 2 - 4; // how far from its middle dots may stand

std::vector<size_t> shown(const SwarmRow& row, size_t most, double detail) {
  const auto wanted = std::max<size_t>(1, static_cast<size_t>(static_cast<double>(most) * std::clamp(detail, 0.02, 1.0)));
  const size_t stride = std::max<size_t>(1, (row.values.size() + wanted - 1) / wanted);
  std::vector<size_t> places;
  for (size_t i = 0; i < row.values.size(); i += stride) {
    if (std::isfinite(row.values[i])) places.push_back(i);
  }
  return places;
}

/// 0, 1, -1, 2, -2, ...
double side_step(size_t k) { return (k % 2 ? 1 : -1) * static_cast<double>((k + 1) / 2); }

void draw_row(Svg& svg, const SwarmRow& row, const Axis& x, double middle, const std::vector<size_t>& places) {
  const auto bin = [&](size_t place) { return static_cast<int64_t>(std::floor(x(row.values[place]) / kBin)); };
  std::map<int64_t, size_t> count, placed;
  size_t most = 1;
  for (const size_t place : places) most = std::max(most, ++count[bin(place)]);
  const double step = std::min(kBin, 2 * kHalf / static_cast<double>(most));
  ShadedDots dots;
  for (const size_t place : places) {
    const double shade = place < row.shades.size() ? row.shades[place] : std::numeric_limits<double>::quiet_NaN();
    dots.add(x(row.values[place]), middle + step * side_step(placed[bin(place)]++), shade);
  }
  dots.draw(svg);
}

/// "age: -4.1 to 0.8, 0.69 from 0 in the mean".
std::string row_tip(const SwarmRow& row) {
  Range range;
  double sum = 0, count = 0;
  for (const double value : row.values) {
    if (std::isfinite(value)) range.include(value), sum += std::abs(value), ++count;
  }
  if (range.empty) return row.label;
  return row.label + ": " + format_number(range.low) + " to " + format_number(range.high) + ", " + format_number(sum / count) + " from 0 in the mean";
}

}  // namespace

std::string draw(const SwarmChart& chart, double detail) {
  Range range;
  double label_width = 40;
  range.include(0);
  for (const SwarmRow& row : chart.rows) {
    for (const double value : row.values) range.include(value);
    label_width = std::max(label_width, std::min(140.0, text_pixels(row.label)));
  }
  std::vector<LegendItem> legend;
  if (!chart.shade_name.empty()) legend.push_back(shade_legend(chart.shade_name, chart.shade_low, chart.shade_high));
  const double top = legend_height(legend, 0, kChartWidth);
  const double bottom = top + kRow * static_cast<double>(std::max<size_t>(chart.rows.size(), 1)) + 4;
  Svg svg(kChartWidth, bottom + 26 + (chart.value_label.empty() ? 0 : 20), chart.title);
  draw_legend(svg, legend, 0, 0);
  const Scale scale = rounded_scale(range, 5);
  const Axis x{scale.range, label_width + 24, kChartWidth - 14, "", {}};
  for (const Tick& tick : scale.ticks) {
    svg.line(x(tick.value), top, x(tick.value), bottom, tick.value == 0 ? "ax" : "gr");
    svg.text(x(tick.value), bottom + 16, tick.text, "mu", Anchor::middle);
  }
  for (size_t i = 0; i < chart.rows.size(); ++i) {
    const double middle = top + kRow * (static_cast<double>(i) + 0.5);
    svg.text(label_width + 8, middle + 4, fitted_pixels(chart.rows[i].label, label_width), "", Anchor::end);
    draw_row(svg, chart.rows[i], x, middle, shown(chart.rows[i], chart.most_points, detail));
    svg.rect(0, middle - kRow / 2, kChartWidth, kRow, "hit", row_tip(chart.rows[i]));
  }
  if (!chart.value_label.empty()) svg.text((x.from + x.to) / 2, bottom + 38, chart.value_label, "mu", Anchor::middle);
  return svg.finish();
}

}  // namespace crisp::report
