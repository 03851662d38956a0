/// Fits that need nothing but statistics and percentiles.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/scale/scale_row.h"

namespace crisp {

/// standard, min_max, max_abs and the robust ones of every column; errors as fit_scale().
std::vector<ScaleColumn> fit_by_statistics(Exec& exec, ScaleMethod method, MatrixView<const float> rows);

}  // namespace crisp
