/// Scales with readable ticks, and the frame that every chart with two axes shares.
#pragma once

#include <string>
#include <vector>

#include "report/svg.h"

namespace crisp::report {

/// The span of the finite values seen. Values beyond ±1e300 are ignored, so that differences stay finite.
struct Range {
  double low = 0, high = 0;
  bool empty = true;
  void include(double value);
  /// Never empty, never of length zero: what a scale needs.
  Range usable() const;
};

struct Tick {
  double value;
  std::string text;
};

/// About `wanted` ticks at 1, 2 or 5 times a power of ten inside the range, all with the same number of
/// decimals.
std::vector<Tick> nice_ticks(Range range, int wanted);
/// The range widened to whole steps, with a tick at each.
struct Scale {
  Range range;
  std::vector<Tick> ticks;
};
Scale rounded_scale(Range range, int wanted);

/// Maps values to pixels.
struct Axis {
  Range range;
  double from = 0, to = 1;  // pixels of range.low and range.high
  std::string label;
  std::vector<Tick> ticks;
  double operator()(double value) const;
};

/// Steps of colour from low to high: classes h1 ... h7; h0 is grey.
constexpr size_t kShades = 7;

struct LegendItem {
  std::string name;
  std::string classes;
  enum class Shape { box, line, dot, mark, shades } shape = Shape::box;
};

/// A chart's drawing with its frame: construct, draw the grid, draw the data, finish.
struct Plot {
  /// Lays out legend (top), axis names and tick labels around the data. `height` is the whole drawing's.
  Plot(double width, double height, const std::string& label, Axis x, Axis y,
       const std::vector<LegendItem>& legend);
  double left() const { return x.from; }
  double right() const { return x.to; }
  double top() const { return y.to; }
  double bottom() const { return y.from; }

  Svg svg;
  Axis x, y;
};

/// One line of names with their marks from `left` on; those that do not fit the width go to further lines.
/// Returns the height used, 0 without items.
double draw_legend(Svg& svg, const std::vector<LegendItem>& items, double left, double top);
double legend_height(const std::vector<LegendItem>& items, double left, double width);

/// Class of the fill (or stroke, with 's') of series `index`; the six colours repeat.
std::string series_class(char kind, size_t index);

}  // namespace crisp::report
