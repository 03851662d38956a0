/// Figures in JSON, which has no NaN and no infinity.
#pragma once

#include <cmath>

#include "core/json.h"

namespace crisp {

/// A number, or null where the figure is not defined.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace crisp
