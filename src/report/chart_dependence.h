/// How far a feature moved the answer by its value, coloured by the value of another.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

struct DependenceChart {
  std::string title = {};
  std::string x_label = {}, y_label = {};
  std::vector<double> x = {}, y = {};
  std::vector<double> shades = {};  ///< one a point, 0–1 from low to high; NaN, or none: grey
  std::string shade_name = {}, shade_low = {}, shade_high = {};  ///< no name: no legend
  size_t most_points = 1200;        ///< more are thinned evenly
  std::string note = {};
};

std::string draw(const DependenceChart& chart, double detail = 1);

}  // namespace crisp::report
