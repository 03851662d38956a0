/// Many numbers on one scale, a line of dots a row: which way and how far each row of data was moved by a feature. Dots that would lie upon each
/// other stand side by side.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

struct SwarmRow {
  std::string label = {};
  std::vector<double> values = {};
  std::vector<double> shades = {};  ///< one a value, 0–1 from low to high; NaN, or none: grey
};

struct SwarmChart {
  std::string title = {};
  std::string value_label = {};
  std::string shade_name = {}, shade_low = "low", shade_high = "high";  ///< what the colour says; no name: no legend
  std::vector<SwarmRow> rows = {};
  size_t most_points = 400;  ///< of one row; more are thinned evenly
  std::string note = {};
};

std::string draw(const SwarmChart& chart, double detail = 1);

}  // namespace crisp::report
