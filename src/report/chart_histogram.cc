#include "report/chart_histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"

namespace crisp::report {
namespace {

size_t bin_total(const HistogramChart& chart) { return chart.edges.size() < 2 ? 0 : chart.edges.size() - 1; }

double finite_or_zero(double value) { return std::isfinite(value) && value > 0 ? value : 0; }

// Heights as drawn: counts, or percentages of the class.
std::vector<std::vector<double>> heights(const HistogramChart& chart) {
  std::vector<std::vector<double>> out;
  for (const HistogramSeries& series : chart.series) {
    std::vector<double> bars(bin_total(chart), 0.0);
    for (size_t i = 0; i < bars.size() && i < series.counts.size(); ++i)
      bars[i] = finite_or_zero(series.counts[i]);
    const double total = std::accumulate(bars.begin(), bars.end(), 0.0);
    if (chart.shares && total > 0) {
      for (double& bar : bars) bar *= 100 / total;
    }
    out.push_back(std::move(bars));
  }
  return out;
}

std::string outline(const Plot& plot, const std::vector<double>& edges, const std::vector<double>& bars,
                    bool closed) {
  std::vector<Point> points{{plot.x(edges[0]), plot.y(0)}};
  for (size_t i = 0; i < bars.size(); ++i) {
    points.push_back({plot.x(edges[i]), plot.y(bars[i])});
    points.push_back({plot.x(edges[i + 1]), plot.y(bars[i])});
  }
  points.push_back({plot.x(edges.back()), plot.y(0)});
  return line_path(points) + (closed ? "z" : "");
}

std::string bin_tip(const HistogramChart& chart, const std::vector<std::vector<double>>& bars, size_t bin) {
  std::string tip = format_number(chart.edges[bin], 4) + " to " + format_number(chart.edges[bin + 1], 4) + ": ";
  for (size_t s = 0; s < bars.size(); ++s) {
    const double given =
        bin < chart.series[s].counts.size() ? finite_or_zero(chart.series[s].counts[bin]) : 0;
    tip += (s ? ", " : "") + (chart.series[s].name.empty() ? chart.y_label : chart.series[s].name) + " " +
           format_number(given, 6);
    if (chart.shares) tip += " (" + format_fixed(bars[s][bin], 1) + " %)";
  }
  return tip;
}

}  // namespace

std::string draw(const HistogramChart& chart, double) {
  const auto bars = heights(chart);
  Range x, y;
  y.include(0);
  for (const double edge : chart.edges) x.include(edge);
  for (const auto& series : bars) {
    for (const double bar : series) y.include(bar);
  }
  std::vector<LegendItem> legend;
  for (size_t s = 0; s < chart.series.size() && chart.series.size() > 1; ++s)
    legend.push_back({chart.series[s].name, series_class('f', s), LegendItem::Shape::box});
  const Scale up = rounded_scale(y, 4);
  const std::string y_label = chart.shares ? "% of class" : chart.y_label;
  Plot plot(kChartWidth, 270, chart.title, {x, 0, 0, chart.x_label, nice_ticks(x, 6)},
            {up.range, 0, 0, y_label, up.ticks}, legend);
  const bool drawable = bin_total(chart) > 0 && std::is_sorted(chart.edges.begin(), chart.edges.end());
  for (size_t s = 0; s < bars.size() && drawable; ++s) {
    plot.svg.path(outline(plot, chart.edges, bars[s], true), "area " + series_class('f', s));
    plot.svg.path(outline(plot, chart.edges, bars[s], false), "solid thin " + series_class('s', s));
  }
  if (chart.cutoff) draw_cutoff(plot, *chart.cutoff);
  for (size_t i = 0; i < bin_total(chart) && drawable; ++i) {
    const double from = plot.x(chart.edges[i]);
    plot.svg.rect(from, plot.top(), plot.x(chart.edges[i + 1]) - from, plot.bottom() - plot.top(), "hit",
                  bin_tip(chart, bars, i));
  }
  return plot.svg.finish();
}

std::vector<double> even_edges(const std::vector<std::vector<double>>& classes, int bins, bool cut_tail) {
  std::vector<double> all;
  for (const auto& values : classes) {
    for (const double value : values) {
      if (std::abs(value) <= 1e300) all.push_back(value);
    }
  }
  Range range;
  for (const double value : all) range.include(value);
  if (cut_tail && !all.empty()) {
    const auto at = all.begin() + static_cast<std::ptrdiff_t>((all.size() - 1) * 99 / 100);
    std::nth_element(all.begin(), at, all.end());
    if (range.high - range.low > 3 * (*at - range.low) && *at > range.low)
      range.high = range.low + 1.5 * (*at - range.low);
  }
  range = range.usable();
  bins = std::clamp(bins, 1, 1000);
  std::vector<double> edges;
  for (int i = 0; i <= bins; ++i) edges.push_back(range.low + (range.high - range.low) * i / bins);
  return edges;
}

std::vector<double> bin_counts(std::span<const double> values, std::span<const double> edges) {
  std::vector<double> counts(edges.size() < 2 ? 0 : edges.size() - 1, 0.0);
  if (counts.empty()) return counts;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const auto above = std::upper_bound(edges.begin(), edges.end(), value) - edges.begin();
    counts[static_cast<size_t>(std::clamp<std::ptrdiff_t>(above - 1, 0, std::ssize(counts) - 1))] += 1;
  }
  return counts;
}

}  // namespace crisp::report
