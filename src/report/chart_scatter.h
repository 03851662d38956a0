/// Scatter plot of one or more groups of points.
#pragma once

#include <string>
#include <vector>

#include "report/plot_marks.h"

namespace crisp::report {

struct ScatterSeries {
  std::string name = {};
  std::vector<double> x = {}, y = {};
  std::vector<std::string> tips = {};  ///< one per point, or none
};

struct ScatterChart {
  std::string title = {};
  std::string x_label = {}, y_label = {};
  std::vector<ScatterSeries> series = {};  ///< later ones are drawn on top
  size_t most_points =
      2000;  ///< of one series; more are thinned evenly in their order, and the legend says so
  std::string note = {};
  bool equal_axes = false;  ///< both axes from and to the same values: a diagonal means equality
  std::vector<ReferenceLine> references = {};
};

std::string draw(const ScatterChart& chart, double detail = 1);

}  // namespace crisp::report
