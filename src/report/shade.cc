#include "report/shade.h"

#include <algorithm>
#include <cmath>

#include "report/display_text.h"

namespace crisp::report {

constexpr size_t kRoundDots = 64;

void ShadedDots::add(double x, double y, double shade) {
  if (!std::isfinite(x) || !std::isfinite(y)) return;
  const double step = std::clamp(shade, 0.0, 1.0) * static_cast<double>(kShades);
  const size_t index = std::isnan(shade) ? 0 : 1 + std::min(kShades - 1, static_cast<size_t>(step));
  if (dots_++ % kRoundDots == 0) rounds_.emplace_back();
  rounds_.back()[index] += "M" + coordinate(x) + " " + coordinate(y) + "h0";
}

void ShadedDots::draw(Svg& svg) const {
  for (const Round& paths : rounds_) {
    for (size_t i = 0; i < paths.size(); ++i) {
      if (!paths[i].empty()) svg.path(paths[i], "shade h" + std::to_string(i));
    }
  }
}

LegendItem shade_legend(const std::string& name, const std::string& low, const std::string& high) {
  constexpr size_t kNameWidth = 14;  // a legend's text is cut at its end, where the range stands
  return {fitted(name, kNameWidth) + " " + low + " to " + high, "", LegendItem::Shape::shades};
}

}  // namespace crisp::report
