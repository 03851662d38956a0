#include "report/chart_dependence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/format.h"
#include "report/chart.h"
#include "report/shade.h"

namespace crisp::report {
namespace {

/// Strips between the ticks say on hover what stands in them.
void draw_strips(Plot& plot, const DependenceChart& chart) {
  for (size_t t = 1; t < plot.x.ticks.size(); ++t) {
    const Tick &from = plot.x.ticks[t - 1], &to = plot.x.ticks[t];
    const bool last = t + 1 == plot.x.ticks.size();
    double sum = 0;
    int64_t count = 0;
    for (size_t i = 0; i < std::min(chart.x.size(), chart.y.size()); ++i) {
      const bool inside = chart.x[i] >= from.value && (last ? chart.x[i] <= to.value : chart.x[i] < to.value);
      if (inside && std::isfinite(chart.y[i])) sum += chart.y[i], ++count;
    }
    if (count == 0) continue;
    const std::string tip = from.text + " to " + to.text + ": " + format_number(sum / static_cast<double>(count)) + " in the mean of " + format_count(count);
    plot.svg.rect(plot.x(from.value), plot.top(), plot.x(to.value) - plot.x(from.value), plot.bottom() - plot.top(), "hit", tip);
  }
}

}  // namespace

std::string draw(const DependenceChart& chart, double detail) {
  const size_t size = std::min(chart.x.size(), chart.y.size());
  const auto wanted = std::max<size_t>(1, static_cast<size_t>(static_cast<double>(chart.most_points) * std::clamp(detail, 0.02, 1.0)));
  const size_t stride = std::max<size_t>(1, (size + wanted - 1) / wanted);
  Range along, up;
  up.include(0);
  for (size_t i = 0; i < size; ++i) along.include(chart.x[i]), up.include(chart.y[i]);
  std::vector<LegendItem> legend;
  if (!chart.shade_name.empty()) legend.push_back(shade_legend(chart.shade_name, chart.shade_low, chart.shade_high));
  const Scale x = rounded_scale(along, 6), y = rounded_scale(up, 5);
  Plot plot(kChartWidth, 300, chart.title, {x.range, 0, 0, chart.x_label, x.ticks}, {y.range, 0, 0, chart.y_label, y.ticks}, legend);
  plot.svg.line(plot.left(), plot.y(0), plot.right(), plot.y(0), "ax");
  ShadedDots dots;
  for (size_t i = 0; i < size; i += stride) {
    dots.add(std::isfinite(chart.x[i]) ? plot.x(chart.x[i]) : chart.x[i], std::isfinite(chart.y[i]) ? plot.y(chart.y[i]) : chart.y[i],
             i < chart.shades.size() ? chart.shades[i] : std::numeric_limits<double>::quiet_NaN());
  }
  dots.draw(plot.svg);
  draw_strips(plot, chart);
  return plot.svg.finish();
}

}  // namespace crisp::report
