/// Points coloured by a number: seven steps from low (blue) to high (orange), grey where there is none.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "report/axis.h"

namespace crisp::report {

/// Dots of one chart, a path a shade: few bytes a dot. Begun anew after some dots, so that no colour lies upon all others where dots are many.
class ShadedDots {
 public:
  /// `shade`: 0–1 from low to high; NaN: none.
  void add(double x, double y, double shade);
  void draw(Svg& svg) const;

 private:
  using Round = std::array<std::string, kShades + 1>;  // the path of each shade
  std::vector<Round> rounds_;
  size_t dots_ = 0;
};

/// "price 3 to 80" beside the steps of colour; a long name is cut.
LegendItem shade_legend(const std::string& name, const std::string& low, const std::string& high);

}  // namespace crisp::report
