/// Points coloured by a number: seven steps from low (blue) to high (orange), grey where there is none.
#pragma once

#include <array>
#include <span>
#include <string>

#include "report/axis.h"

namespace crisp::report {

/// Dots of one chart, a path a shade: few bytes a dot.
class ShadedDots {
 public:
  /// `shade`: 0–1 from low to high; NaN: none.
  void add(double x, double y, double shade);
  void draw(Svg& svg) const;

 private:
  std::array<std::string, kShades + 1> paths_;
};

/// "price, 3 to 80" beside the steps of colour.
LegendItem shade_legend(const std::string& name, const std::string& low, const std::string& high);

}  // namespace crisp::report
