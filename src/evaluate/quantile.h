#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace crisp {

/// The quantile at `share` in [0, 1] of ascending values, at least one: between the two beside it, as numpy
/// does by default.
inline double quantile_of_sorted(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace crisp
