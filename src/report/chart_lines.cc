#include "report/chart_lines.h"

#include <algorithm>
#include <cmath>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"
#include "report/simplify.h"

namespace crisp::report {
namespace {

constexpr size_t kMostPoints = 20000;  // before simplifying
constexpr size_t kMostTips = 40;       // hover points along one line

// The stretches between values that are not finite, in pixels.
std::vector<std::vector<Point>> stretches(const Plot& plot, const LineSeries& series) {
  std::vector<std::vector<Point>> out(1);
  for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      out.back().push_back({plot.x(series.x[i]), plot.y(series.y[i])});
    else if (!out.back().empty())
      out.emplace_back();
  }
  return out;
}

void draw_series(Plot& plot, const LineSeries& series, size_t index, double detail) {
  std::string data;
  const auto most = static_cast<size_t>(kMostPoints * std::clamp(detail, 0.01, 1.0));
  for (const auto& stretch : stretches(plot, series)) {
    if (stretch.size() == 1) plot.svg.circle(stretch[0].x, stretch[0].y, 2.5, series_class('f', index));
    data += line_path(simplified(every_nth(stretch, most), 0.3 / std::max(detail, 0.05)));
  }
  plot.svg.path(data, series_class('s', index));
}

// Invisible discs that carry the values, thinned so that they do not outweigh the line.
void draw_tips(Plot& plot, const LineSeries& series, const std::string& x_name, const std::string& y_name,
               double detail) {
  const size_t size = std::min(series.x.size(), series.y.size());
  const auto wanted = std::max<size_t>(2, static_cast<size_t>(kMostTips * std::clamp(detail, 0.05, 1.0)));
  const size_t stride = std::max<size_t>(1, (size + wanted - 1) / wanted);
  for (size_t i = 0; i < size; i += stride) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
    const std::string name = series.name.empty() ? "" : series.name + ": ";
    plot.svg.circle(plot.x(series.x[i]), plot.y(series.y[i]), 7, "hit",
                    name + x_name + " " + format_number(series.x[i]) + ", " + y_name + " " + format_number(series.y[i]));
  }
}

void draw_dots(Plot& plot, const LineSeries& series, size_t index) {
  for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      plot.svg.circle(plot.x(series.x[i]), plot.y(series.y[i]), 3.5, series_class('f', index));
  }
}

std::vector<LegendItem> legend_of(const LineChart& chart) {
  std::vector<LegendItem> legend;
  const auto& all = chart.series;
  for (size_t s = 0; s < all.size() && (all.size() > 1 || !all[s].name.empty()); ++s)
    legend.push_back({all[s].name, series_class('s', s), LegendItem::Shape::line});
  add_to_legend(chart.references, legend);
  return legend;
}

Plot unit_plot(const LineChart& chart) {
  const Range unit{0, 1, false};
  const auto ticks = nice_ticks(unit, 5);
  return Plot(kChartWidth, 360, chart.title, {unit, 0, 0, chart.x_label, ticks}, {unit, 0, 0, chart.y_label, ticks},
              legend_of(chart));
}

Plot plot_of(const LineChart& chart) {
  if (chart.unit_square) return unit_plot(chart);
  Range x, y;
  if (chart.from_zero) y.include(0);
  for (const LineSeries& series : chart.series) {
    for (const double value : series.x) x.include(value);
    for (const double value : series.y) y.include(value);
  }
  const Scale up = rounded_scale(y, 4);
  return Plot(kChartWidth, 270, chart.title, {x, 0, 0, chart.x_label, nice_ticks(x, 6)},
              {up.range, 0, 0, chart.y_label, up.ticks}, legend_of(chart));
}

LineSeries line_of(const RocSeries& series) {
  const std::string area = std::isfinite(series.auc) ? "AUC " + format_fixed(series.auc, 3) : "";
  const std::string name = series.name.empty() ? area
                           : area.empty()      ? series.name
                                               : series.name + " (" + area + ")";
  return {name, series.false_positive_rate, series.true_positive_rate};
}

}  // namespace

std::string draw(const LineChart& chart, double detail) {
  Plot plot = plot_of(chart);
  draw_references(plot, chart.references);
  for (size_t s = 0; s < chart.series.size(); ++s) {
    draw_series(plot, chart.series[s], s, detail);
    if (chart.dots) draw_dots(plot, chart.series[s], s);
  }
  for (const LineSeries& series : chart.series) {
    draw_tips(plot, series, chart.x_label.empty() ? "x" : chart.x_label,
              chart.y_label.empty() ? "y" : chart.y_label, detail);
  }
  if (chart.cutoff) draw_cutoff(plot, *chart.cutoff);
  for (const PointMark& mark : chart.marks) draw_mark(plot, mark);
  return plot.svg.finish();
}

std::string draw(const RocChart& chart, double detail) {
  LineChart lines{chart.title, "false positive rate", "true positive rate"};
  for (const RocSeries& series : chart.series) lines.series.push_back(line_of(series));
  lines.unit_square = true;
  lines.references = {{0, 0, 1, 1, "chance (0.500)"}};
  if (chart.operating_point) {
    const OperatingPoint& point = *chart.operating_point;
    lines.marks.push_back({point.false_positive_rate, point.true_positive_rate, point.text,
                           point.text + ": false positive rate " + format_fixed(point.false_positive_rate, 3) +
                               ", true positive rate " + format_fixed(point.true_positive_rate, 3)});
  }
  return draw(lines, detail);
}

}  // namespace crisp::report
