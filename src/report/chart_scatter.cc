#include "report/chart_scatter.h"

#include <algorithm>
#include <cmath>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"

namespace crisp::report {
namespace {

size_t stride_of(const ScatterSeries& series, size_t most, double detail) {
  const size_t size = std::min(series.x.size(), series.y.size());
  const auto wanted =
      std::max<size_t>(1, static_cast<size_t>(static_cast<double>(most) * std::clamp(detail, 0.01, 1.0)));
  return std::max<size_t>(1, (size + wanted - 1) / wanted);
}

// Points without tips of their own are one path of round dots: a tenth of the bytes of circles.
void draw_dots(Plot& plot, const ScatterSeries& series, size_t index, size_t stride) {
  const size_t size = std::min(series.x.size(), series.y.size());
  std::string data;
  for (size_t i = 0; i < size; i += stride) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
    const double x = plot.x(series.x[i]), y = plot.y(series.y[i]);
    const bool tip = i < series.tips.size();
    if (tip)
      plot.svg.circle(x, y, 4, "dot " + series_class('f', index), series.tips[i]);
    else
      data += "M" + coordinate(x) + " " + coordinate(y) + "h0";
  }
  plot.svg.path(data, "dots solid " + series_class('s', index));
}

Range joined(Range a, const Range& b) {
  if (b.empty) return a;
  a.include(b.low), a.include(b.high);
  return a;
}

}  // namespace

std::string draw(const ScatterChart& chart, double detail) {
  Range x, y;
  std::vector<LegendItem> legend;
  for (size_t s = 0; s < chart.series.size(); ++s) {
    const ScatterSeries& series = chart.series[s];
    for (const double value : series.x) x.include(value);
    for (const double value : series.y) y.include(value);
    const size_t stride = stride_of(series, chart.most_points, detail);
    const std::string thinned = stride > 1 ? " (1 in " + format_count(static_cast<int64_t>(stride)) + ")" : "";
    if (chart.series.size() > 1 || stride > 1)
      legend.push_back({series.name + thinned, series_class('f', s), LegendItem::Shape::dot});
  }
  if (chart.equal_axes) x = y = joined(x, y);
  const Scale along = rounded_scale(x, 6), up = rounded_scale(y, chart.equal_axes ? 6 : 5);
  add_to_legend(chart.references, legend);
  Plot plot(kChartWidth, 360, chart.title, {along.range, 0, 0, chart.x_label, along.ticks},
            {up.range, 0, 0, chart.y_label, up.ticks}, legend);
  for (size_t s = 0; s < chart.series.size(); ++s)
    draw_dots(plot, chart.series[s], s, stride_of(chart.series[s], chart.most_points, detail));
  draw_references(plot, chart.references);
  return plot.svg.finish();
}

}  // namespace crisp::report
