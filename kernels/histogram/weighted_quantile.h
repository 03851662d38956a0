/// The quantile that least absolute and quantile losses are least at.
#pragma once

#include <span>

namespace crisp {

/// The least value with at least `share` of the weight at or below it; weights: empty (all 1), or one a value. 0 of no values.
double weighted_quantile(std::span<const float> values, std::span<const float> weights, double share);

}  // namespace crisp
