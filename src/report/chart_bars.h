/// Bar charts: horizontal with the values written out (metrics, slices by a category), and columns in a given
/// order (hours of the day).
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace crisp::report {

struct Bar {
  std::string label = {};
  double value = 0;
  std::string text = {};                                  ///< beside the bar; empty: the value
  double low = std::numeric_limits<double>::quiet_NaN();  ///< an interval around the value
  double high = std::numeric_limits<double>::quiet_NaN();
  double baseline =
      std::numeric_limits<double>::quiet_NaN();  ///< a tick across the bar: what a baseline reaches
  bool highlight = false;
  std::string tip = {};  ///< on hover; empty: label and value
};

struct Reference {
  double value = 0;
  std::string text = {};
};

struct BarChart {
  std::string title = {};
  std::string value_label = {};
  std::vector<Bar> bars = {};
  std::string baseline_name = "baseline";
  std::optional<Reference> reference = {};  ///< a line over all bars (the overall value)
  std::optional<double> highest = {};       ///< end of the axis, such as 1 for shares
  bool columns = false;  ///< upright columns, labels below (for hours and other short labels)
  std::string note = {};
};

std::string draw(const BarChart& chart, double detail = 1);

}  // namespace crisp::report
