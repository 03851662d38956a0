#include "report/axis.h"

#include <algorithm>
#include <cmath>

#include "report/display_text.h"
#include "core/format.h"

namespace crisp::report {
namespace {

constexpr double kLargest = 1e300;
constexpr double kLegendLine = 18;
constexpr double kShadeStep = 8;

double nice_step(double length, int wanted) {
  const double rough = length / std::max(1, wanted);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

std::string tick_text(double value, double step) {
  if (std::abs(value) < step / 1e6) return "0";
  const double size = std::max(std::abs(value), step);
  if (size >= 1e7 || step < 1e-4) return format_number(value, 3);
  return format_fixed(value, std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6));
}

std::vector<Tick> ticks_within(const Range& range, double step) {
  std::vector<Tick> ticks;
  const double first = std::ceil(range.low / step - 1e-9);
  for (double k = first; k <= range.high / step + 1e-9 && ticks.size() < 50; ++k)
    ticks.push_back({k * step, tick_text(k * step, step)});
  return ticks;
}

constexpr double kNameGap = 6;

double mark_width(const LegendItem& item) {
  return item.shape == LegendItem::Shape::shades ? kShadeStep * static_cast<double>(kShades) + 10 : 22;
}

double item_width(const LegendItem& item) { return mark_width(item) + text_pixels(fitted(item.name, 30)) + 14; }

double widest_tick(const Axis& axis) {
  double pixels = 0;
  for (const Tick& tick : axis.ticks) pixels = std::max(pixels, text_pixels(tick.text));
  return pixels;
}

void draw_grid(Svg& svg, const Axis& x, const Axis& y) {
  for (const Tick& tick : y.ticks) {
    svg.line(x.from, y(tick.value), x.to, y(tick.value), "gr");
    svg.text(x.from - 7, y(tick.value) + 4, tick.text, "mu", Anchor::end);
  }
  svg.line(x.from, y.from, x.to, y.from, "ax");
  double free = -1;  // where the last name ends: long ones (340,000,000) leave out the next
  for (const Tick& tick : x.ticks) {
    svg.line(x(tick.value), y.from, x(tick.value), y.from + 4, "ax");
    // The outermost names stay inside the drawing.
    const double half = text_pixels(tick.text) / 2;
    const double at = std::clamp(x(tick.value), half, std::max(half, svg.width() - half));
    if (at - half < free) continue;
    svg.text(at, y.from + 18, tick.text, "mu", Anchor::middle);
    free = at + half + kNameGap;
  }
}

}  // namespace

void Range::include(double value) {
  if (!(std::abs(value) <= kLargest)) return;
  low = empty ? value : std::min(low, value);
  high = empty ? value : std::max(high, value);
  empty = false;
}

Range Range::usable() const {
  if (empty) return {0, 1, false};
  const double least = std::max(std::abs(low), std::abs(high)) * 1e-12;
  if (high - low > least) return *this;
  const double margin = low == 0 ? 0.5 : std::abs(low) / 2;
  return {low - margin, high + margin, false};
}

std::vector<Tick> nice_ticks(Range range, int wanted) {
  range = range.usable();
  return ticks_within(range, nice_step(range.high - range.low, wanted));
}

Scale rounded_scale(Range range, int wanted) {
  range = range.usable();
  const double step = nice_step(range.high - range.low, wanted);
  range.low = std::floor(range.low / step + 1e-9) * step;
  range.high = std::ceil(range.high / step - 1e-9) * step;
  return {range, ticks_within(range, step)};
}

double Axis::operator()(double value) const {
  return from + (value - range.low) / (range.high - range.low) * (to - from);
}

std::string series_class(char kind, size_t index) { return {kind, static_cast<char>('1' + index % 6)}; }

double legend_height(const std::vector<LegendItem>& items, double left, double width) {
  double x = left, lines = items.empty() ? 0 : 1;
  for (const LegendItem& item : items) {
    const double needed = item_width(item);
    if (x > left && x + needed > width) x = left, ++lines;
    x += needed;
  }
  return lines * kLegendLine + (lines > 0 ? 8 : 0);
}

double draw_legend(Svg& svg, const std::vector<LegendItem>& items, double left, double top) {
  double x = left, y = top + 12;
  for (const LegendItem& item : items) {
    const double needed = item_width(item);
    if (x > left && x + needed > svg.width()) x = left, y += kLegendLine;
    switch (item.shape) {
      case LegendItem::Shape::box:
        svg.rect(x, y - 10, 12, 12, item.classes, {}, 2);
        break;
      case LegendItem::Shape::line:
        svg.line(x, y - 4, x + 17, y - 4, item.classes);
        break;
      case LegendItem::Shape::dot:
        svg.circle(x + 6, y - 4, 4.5, item.classes);
        break;
      case LegendItem::Shape::mark:
        svg.line(x + 6, y - 11, x + 6, y + 3, item.classes);
        break;
      case LegendItem::Shape::shades:
        for (size_t step = 0; step < kShades; ++step) {
          const double left = x + kShadeStep * static_cast<double>(step);
          svg.line(left, y - 4, left + kShadeStep + 0.5, y - 4, "key h" + std::to_string(step + 1));
        }
        break;
    }
    svg.text(x + mark_width(item), y, fitted(item.name, 30));
    x += needed;
  }
  return items.empty() ? 0 : y - top + 14;
}

Plot::Plot(double width, double height, const std::string& label, Axis x_axis, Axis y_axis,
           const std::vector<LegendItem>& legend)
    : svg(width, height, label), x(std::move(x_axis)), y(std::move(y_axis)) {
  x.range = x.range.usable(), y.range = y.range.usable();
  x.from = widest_tick(y) + 12 + (y.label.empty() ? 0 : 18);
  x.to = width - 14;
  const double legend_space = draw_legend(svg, legend, x.from, 0);
  y.from = height - 26 - (x.label.empty() ? 0 : 20);
  y.to = legend_space + 10;
  draw_grid(svg, x, y);
  if (!x.label.empty()) svg.text((x.from + x.to) / 2, height - 6, x.label, "mu", Anchor::middle);
  if (!y.label.empty()) svg.text_upwards(12, (y.from + y.to) / 2, y.label, "mu");
}

}  // namespace crisp::report
