#include "report/plot_marks.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "report/axis.h"

namespace crisp::report {
namespace {

/// Text beside x, on the side that has room.
void write_beside(Plot& plot, double x, double y, double gap, const std::string& text, const char* classes) {
  const bool to_left = x + gap + text_pixels(text) > plot.right();
  plot.svg.text(to_left ? x - gap : x + gap, y, text, classes, to_left ? Anchor::end : Anchor::start);
}

}  // namespace

void draw_cutoff(Plot& plot, const Cutoff& cutoff) {
  if (!std::isfinite(cutoff.value)) return;
  const double x = std::clamp(plot.x(cutoff.value), plot.left(), plot.right());
  plot.svg.line(x, plot.top() - 4, x, plot.bottom(), "cut");
  write_beside(plot, x, plot.top() + 8, 6, cutoff.text + " " + format_number(cutoff.value, 4), "b halo");
}

void draw_references(Plot& plot, const std::vector<ReferenceLine>& lines) {
  if (lines.empty()) return;
  plot.svg.begin_clip(plot.left(), plot.top(), plot.right() - plot.left(), plot.bottom() - plot.top());
  for (const ReferenceLine& line : lines)
    plot.svg.line(plot.x(line.x1), plot.y(line.y1), plot.x(line.x2), plot.y(line.y2), "ref");
  plot.svg.end_clip();
}

void add_to_legend(const std::vector<ReferenceLine>& lines, std::vector<LegendItem>& legend) {
  for (const ReferenceLine& line : lines) {
    if (!line.text.empty()) legend.push_back({line.text, "ref", LegendItem::Shape::line});
  }
}

void draw_mark(Plot& plot, const PointMark& mark) {
  const double x = plot.x(mark.x), y = plot.y(mark.y);
  plot.svg.circle(x, y, 5, "ring", mark.tip.empty() ? mark.text : mark.tip);
  write_beside(plot, x, y + 16, 11, mark.text, "halo");
}

}  // namespace crisp::report
