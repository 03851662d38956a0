#include "report/chart_attribution.h"

#include <algorithm>
#include <cmath>

#include "report/axis.h"
#include "report/chart.h"
#include "core/format.h"

namespace crisp::report {
namespace {

constexpr double kRow = 34;
constexpr double kWorthWriting = 0.02;  // of the longest bar: smaller parts get no number beside them

double part(double value) { return std::isfinite(value) && value > 0 ? value : 0; }

// The first `most` reasons whose bars can be seen; what is left becomes one more.
std::vector<Reason> shown_reasons(const std::vector<Reason>& all, size_t most) {
  double top = 0;
  for (const Reason& reason : all) top = std::max(top, part(reason.high) + part(reason.low));
  size_t first = std::min(most, all.size());
  while (first > 1 && all.size() > first &&
         part(all[first - 1].high) + part(all[first - 1].low) < kWorthWriting * top)
    --first;
  std::vector<Reason> shown(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  if (first == all.size()) return shown;
  Reason rest{format_count(static_cast<int64_t>(all.size() - first)) + " others"};
  for (size_t i = first; i < all.size(); ++i) rest.high += part(all[i].high), rest.low += part(all[i].low);
  shown.push_back(rest);
  return shown;
}

std::string reason_tip(const Reason& reason) {
  std::string tip = reason.feature;
  if (!reason.value.empty()) tip += " = " + reason.value;
  if (!reason.usual.empty()) tip += " (" + reason.usual + ")";
  tip += ": " + format_number(part(reason.high) + part(reason.low)) + " of the score";
  if (part(reason.high) > 0) tip += ", " + format_number(reason.high) + " because high";
  if (part(reason.low) > 0) tip += ", " + format_number(reason.low) + " because low";
  return tip;
}

void draw_reason(Svg& svg, const Reason& reason, const Axis& x, double top, double label_width) {
  const double middle = top + kRow / 2;
  const bool two_lines = !reason.value.empty();
  svg.text(0, middle + (two_lines ? -2 : 4), fitted_pixels(reason.feature, label_width));
  if (two_lines) {
    const std::string value = reason.value + (reason.usual.empty() ? "" : " · " + reason.usual);
    svg.text(0, middle + 11, fitted_pixels(value, label_width * 1.1), "mu sm");
  }
  const double zero = x(0);
  if (part(reason.high) > 0)
    svg.rect(zero, top + 9, std::max(1.0, x(reason.high) - zero), kRow - 18, "bar f2", reason_tip(reason), 2);
  if (part(reason.low) > 0)
    svg.rect(x(-reason.low), top + 9, std::max(1.0, zero - x(-reason.low)), kRow - 18, "bar f1",
             reason_tip(reason), 2);
  const double least = kWorthWriting * std::max(x.range.high, -x.range.low);
  if (part(reason.high) > least) svg.text(x(reason.high) + 5, middle + 4, format_number(reason.high, 2), "sm");
  if (part(reason.low) > least)
    svg.text(x(-reason.low) - 5, middle + 4, format_number(reason.low, 2), "sm", Anchor::end);
}

}  // namespace

std::string draw(const AttributionChart& chart, double detail) {
  const std::vector<Reason> reasons =
      shown_reasons(chart.reasons, detail < 0.2 ? std::min<size_t>(chart.most, 4) : chart.most);
  double label_width = 90, high = 0, low = 0;
  for (const Reason& reason : reasons) {
    label_width = std::max(
        {label_width, std::min(165.0, text_pixels(reason.feature)),
         std::min(165.0,
                  text_pixels(reason.value + (reason.usual.empty() ? "" : " · " + reason.usual)) * 0.92)});
    high = std::max(high, part(reason.high)), low = std::max(low, part(reason.low));
  }
  // Both sides share one scale; a side without bars keeps just enough room to be recognised.
  const double span = std::max(high + low, 1e-12);
  Axis x{{-std::max(low, 0.12 * span), std::max(high, 0.12 * span), false},
         label_width + 38,
         kChartWidth - 34,
         "",
         {}};
  const double height = 26 + kRow * static_cast<double>(reasons.size()) + 6;
  Svg svg(kChartWidth, height, chart.title);
  svg.text(x(0) - 8, 14, "◂ low", "mu", Anchor::end);
  svg.text(x(0) + 8, 14, "high ▸", "mu");
  for (size_t i = 0; i < reasons.size(); ++i) {
    const double top = 22 + kRow * static_cast<double>(i);
    if (i) svg.line(0, top, kChartWidth, top, "gr");
    draw_reason(svg, reasons[i], x, top, label_width);
  }
  svg.line(x(0), 4, x(0), height - 4, "ax");
  return svg.finish();
}

std::string draw(const WaterfallChart& chart, double) {
  Range range;
  double label_width = 70, level = chart.start;
  range.include(chart.start);
  for (const WaterfallStep& step : chart.steps) {
    range.include(level += step.change);
    label_width =
        std::max(label_width,
                 std::min(160.0, text_pixels(step.label + (step.value.empty() ? "" : " = " + step.value))));
  }
  const double end = level;
  Axis x{range.usable(), label_width + 54, kChartWidth - 56, "", {}};
  const double height = 26 * static_cast<double>(chart.steps.size() + 2) + 8;
  Svg svg(kChartWidth, height, chart.title);
  const auto row_label = [&](size_t row, const std::string& text, const char* classes) {
    svg.text(0, 26 * static_cast<double>(row) + 19, fitted_pixels(text, label_width), classes);
  };
  const auto level_mark = [&](size_t row, double value) {
    const double top = 26 * static_cast<double>(row) + 4;
    svg.line(x(value), top, x(value), top + 22, "mark");
    svg.text(x(value) + 6, top + 15, format_number(value), "b");
  };
  row_label(0, chart.start_label, "mu"), level_mark(0, chart.start);
  level = chart.start;
  for (size_t i = 0; i < chart.steps.size(); ++i) {
    const WaterfallStep& step = chart.steps[i];
    const double top = 26 * static_cast<double>(i + 1) + 5, from = x(level), to = x(level + step.change);
    row_label(i + 1, step.label + (step.value.empty() ? "" : " = " + step.value), "");
    svg.rect(std::min(from, to), top, std::max(1.0, std::abs(to - from)), 18,
             step.change >= 0 ? "bar f2" : "bar f1", step.label + ": " + format_number(step.change), 2);
    const bool up = step.change >= 0;
    svg.text(up ? to + 5 : to - 5, top + 13, (up ? "+" : "") + format_number(step.change, 2), "sm",
             up ? Anchor::start : Anchor::end);
    level += step.change;
    svg.line(to, top + 18, to, top + 26, "ax");
  }
  row_label(chart.steps.size() + 1, chart.end_label, "b"), level_mark(chart.steps.size() + 1, end);
  return svg.finish();
}

}  // namespace crisp::report
