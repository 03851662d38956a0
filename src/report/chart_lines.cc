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

std::vector<LegendItem> legend_of(const std::vector<LineSeries>& all) {
  std::vector<LegendItem> legend;
  for (size_t s = 0; s < all.size() && (all.size() > 1 || !all[s].name.empty()); ++s)
    legend.push_back({all[s].name, series_class('s', s), LegendItem::Shape::line});
  return legend;
}

}  // namespace

std::string draw(const LineChart& chart, double detail) {
  Range x, y;
  if (chart.from_zero) y.include(0);
  for (const LineSeries& series : chart.series) {
    for (const double value : series.x) x.include(value);
    for (const double value : series.y) y.include(value);
  }
  const Scale up = rounded_scale(y, 4);
  Plot plot(kChartWidth, 270, chart.title, {x, 0, 0, chart.x_label, nice_ticks(x, 6)},
            {up.range, 0, 0, chart.y_label, up.ticks}, legend_of(chart.series));
  for (size_t s = 0; s < chart.series.size(); ++s) draw_series(plot, chart.series[s], s, detail);
  for (const LineSeries& series : chart.series) {
    draw_tips(plot, series, chart.x_label.empty() ? "x" : chart.x_label,
              chart.y_label.empty() ? "y" : chart.y_label, detail);
  }
  return plot.svg.finish();
}

std::string draw(const RocChart& chart, double detail) {
  std::vector<LineSeries> lines;
  for (const RocSeries& series : chart.series) {
    const std::string area = std::isfinite(series.auc) ? "AUC " + format_fixed(series.auc, 3) : "";
    const std::string name = series.name.empty() ? area
                             : area.empty()      ? series.name
                                                 : series.name + " (" + area + ")";
    lines.push_back({name, series.false_positive_rate, series.true_positive_rate});
  }
  const Range unit{0, 1, false};
  const auto ticks = nice_ticks(unit, 5);
  auto legend = legend_of(lines);
  legend.push_back({"chance (0.500)", "ref", LegendItem::Shape::line});
  Plot plot(kChartWidth, 360, chart.title, {unit, 0, 0, "false positive rate", ticks},
            {unit, 0, 0, "true positive rate", ticks}, legend);
  plot.svg.line(plot.left(), plot.bottom(), plot.right(), plot.top(), "ref");
  for (size_t s = 0; s < lines.size(); ++s) draw_series(plot, lines[s], s, detail);
  for (const LineSeries& line : lines)
    draw_tips(plot, line, "false positive rate", "true positive rate", detail);
  if (chart.operating_point) {
    const OperatingPoint& point = *chart.operating_point;
    const double x = plot.x(point.false_positive_rate), y = plot.y(point.true_positive_rate);
    plot.svg.circle(x, y, 5, "ring",
                    point.text + ": false positive rate " + format_fixed(point.false_positive_rate, 3) +
                        ", true positive rate " + format_fixed(point.true_positive_rate, 3));
    const bool to_left = x + 12 + text_pixels(point.text) > plot.right();
    plot.svg.text(to_left ? x - 11 : x + 11, y + 16, point.text, "halo",
                  to_left ? Anchor::end : Anchor::start);
  }
  return plot.svg.finish();
}

}  // namespace crisp::report
