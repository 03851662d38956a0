/// Marks on a chart's plane that are not data: cutoffs, lines to compare with, points of note.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

struct Plot;
struct LegendItem;

/// An upright line; its value is written behind the text.
struct Cutoff {
  double value = 0;
  std::string text = "cutoff";
};

/// A dotted line through two points, clipped to the plot; named in the legend.
struct ReferenceLine {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  std::string text = {};
};

/// A ring with its name beside it.
struct PointMark {
  double x = 0, y = 0;
  std::string text = {};
  std::string tip = {};  ///< on hover; empty: the text
};

void draw_cutoff(Plot& plot, const Cutoff& cutoff);
void draw_references(Plot& plot, const std::vector<ReferenceLine>& lines);
void add_to_legend(const std::vector<ReferenceLine>& lines, std::vector<LegendItem>& legend);
void draw_mark(Plot& plot, const PointMark& mark);

}  // namespace crisp::report
