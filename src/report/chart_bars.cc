#include "report/chart_bars.h"

#include <algorithm>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"

namespace crisp::report {
namespace {

constexpr double kRow = 26;
constexpr size_t kMostRows = 60;

Range value_range(const BarChart& chart) {
  Range range;
  range.include(0);
  for (const Bar& bar : chart.bars) {
    for (const double value : {bar.value, bar.low, bar.high, bar.baseline}) range.include(value);
  }
  if (chart.reference) range.include(chart.reference->value);
  if (chart.highest) range.include(*chart.highest);
  return range.usable();
}

std::string bar_text(const Bar& bar) { return bar.text.empty() ? format_number(bar.value) : bar.text; }

std::string bar_tip(const BarChart& chart, const Bar& bar) {
  if (!bar.tip.empty()) return bar.tip;
  std::string tip = bar.label + ": " + bar_text(bar);
  if (std::isfinite(bar.low) && std::isfinite(bar.high))
    tip += " (" + format_number(bar.low) + " to " + format_number(bar.high) + ")";
  if (std::isfinite(bar.baseline)) tip += ", " + chart.baseline_name + " " + format_number(bar.baseline);
  return tip;
}

bool any_baseline(const BarChart& chart) {
  return std::any_of(chart.bars.begin(), chart.bars.end(),
                     [](const Bar& bar) { return std::isfinite(bar.baseline); });
}

std::vector<LegendItem> legend_of(const BarChart& chart) {
  std::vector<LegendItem> legend;
  if (any_baseline(chart)) {
    legend.push_back({chart.value_label.empty() ? "value" : chart.value_label, "f1", LegendItem::Shape::box});
    legend.push_back({chart.baseline_name, "mark", LegendItem::Shape::mark});
  }
  if (chart.reference) legend.push_back({chart.reference->text, "ref", LegendItem::Shape::line});
  return legend;
}

const char* fill_of(const Bar& bar) { return bar.highlight ? "bar f2" : "bar f1"; }

std::string draw_rows(const BarChart& chart) {
  const size_t rows = std::min(chart.bars.size(), kMostRows);
  double label_width = 30, text_width = 0;
  for (size_t i = 0; i < rows; ++i) {
    label_width = std::max(label_width, std::min(150.0, text_pixels(chart.bars[i].label)));
    text_width = std::max(text_width, text_pixels(bar_text(chart.bars[i])));
  }
  const auto legend = legend_of(chart);
  const double legend_space = legend_height(legend, 0, kChartWidth);
  const double height = legend_space + kRow * static_cast<double>(std::max<size_t>(rows, 1)) + 8;
  Svg svg(kChartWidth, height, chart.title);
  draw_legend(svg, legend, 0, 0);
  Axis x{value_range(chart), label_width + 10, kChartWidth - std::min(text_width, 150.0) - 14, "", {}};
  for (size_t i = 0; i < rows; ++i) {
    const Bar& bar = chart.bars[i];
    const double top = legend_space + kRow * static_cast<double>(i) + 4, middle = top + kRow / 2 - 1;
    svg.text(label_width, middle + 4, fitted_pixels(bar.label, label_width), "", Anchor::end);
    svg.rect(x.from, top + 3, x.to - x.from, kRow - 8, "soft", {}, 3);
    double end = x(std::max(0.0, bar.value));
    if (std::isfinite(bar.value)) {
      const double from = x(std::min(0.0, bar.value));
      svg.rect(from, top + 3, std::max(1.0, x(std::max(0.0, bar.value)) - from), kRow - 8, fill_of(bar),
               bar_tip(chart, bar), 3);
    } else {
      end = x.from;
    }
    if (std::isfinite(bar.low) && std::isfinite(bar.high)) {
      svg.line(x(bar.low), middle, x(bar.high), middle, "mark thin");
      svg.line(x(bar.low), middle - 4, x(bar.low), middle + 4, "mark thin");
      svg.line(x(bar.high), middle - 4, x(bar.high), middle + 4, "mark thin");
      end = std::max(end, x(bar.high));
    }
    if (std::isfinite(bar.baseline))
      svg.line(x(bar.baseline), top, x(bar.baseline), top + kRow - 2, "mark", bar_tip(chart, bar));
    svg.text(x.to + 8, middle + 4, fitted_pixels(bar_text(bar), 150), "b");
  }
  if (chart.reference)
    svg.line(x(chart.reference->value), legend_space, x(chart.reference->value), height - 4, "ref");
  return svg.finish();
}

std::string draw_columns(const BarChart& chart) {
  Scale up = rounded_scale(value_range(chart), 4);
  if (chart.highest) up = {value_range(chart), nice_ticks(value_range(chart), 4)};
  Axis x{{0, static_cast<double>(std::max<size_t>(chart.bars.size(), 1)), false}, 0, 0, "", {}};
  Axis y{up.range, 0, 0, chart.value_label, up.ticks};
  Plot plot(kChartWidth, 270, chart.title, x, y, legend_of(chart));
  const double slot = (plot.right() - plot.left()) / x.range.high;
  double widest = 0;  // labels that would overlap are left out, evenly
  for (const Bar& bar : chart.bars) widest = std::max(widest, text_pixels(bar.label) + 6);
  const auto every = static_cast<size_t>(std::max(1.0, std::ceil(widest / slot)));
  for (size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    const double left = plot.left() + slot * static_cast<double>(i), middle = left + slot / 2;
    if (std::isfinite(bar.value)) {
      const double a = plot.y(bar.value), b = plot.y(0);
      plot.svg.rect(left + slot * 0.12, std::min(a, b), slot * 0.76, std::max(1.0, std::abs(a - b)),
                    fill_of(bar), bar_tip(chart, bar), 2);
    }
    if (std::isfinite(bar.low) && std::isfinite(bar.high))
      plot.svg.line(middle, plot.y(bar.low), middle, plot.y(bar.high), "mark thin");
    if (std::isfinite(bar.baseline))
      plot.svg.line(left, plot.y(bar.baseline), left + slot, plot.y(bar.baseline), "mark");
    if (i % every == 0)
      plot.svg.text(middle, plot.bottom() + 18, fitted_pixels(bar.label, 90), "mu", Anchor::middle);
  }
  if (chart.reference)
    plot.svg.line(plot.left(), plot.y(chart.reference->value), plot.right(), plot.y(chart.reference->value),
                  "ref");
  return plot.svg.finish();
}

}  // namespace

std::string draw(const BarChart& chart, double) {
  return chart.columns ? draw_columns(chart) : draw_rows(chart);
}

}  // namespace crisp::report
