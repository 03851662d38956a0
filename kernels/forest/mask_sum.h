/// Sums of rows in the layout of mask_plan.h.
#pragma once

#include "cuda/view.h"
#include "kernels/forest/mask_plan.h"

namespace crisp::forest {

/// Writes the sums of rows [begin, end) to out. A block costs the same however many of its 512 rows there are.
void mask_sum(const MaskPlan& plan, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out);

}  // namespace crisp::forest
