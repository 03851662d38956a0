/// The exponent of a power transform by maximum likelihood.
#pragma once

#include <span>

#include "kernels/scale/scale_row.h"

namespace crisp {

/// The lambda that makes the transformed values most nearly normal: Brent's method started from -2 and 2 on
/// the profile log-likelihood, as scipy and scikit-learn find it. `values` are finite; positive for box_cox.
/// 1 for fewer than two different values, where every lambda is as good.
double power_lambda(ScaleMethod method, std::span<const double> values);

}  // namespace crisp
