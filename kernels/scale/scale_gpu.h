/// The CUDA engine of scaling; called by the dispatch in scale_*.cc only. Data may
/// lie on the host or on the device.
#pragma once

#include <span>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/scale/scale.h"

namespace crisp::gpu {

/// out(i, j) = ((rows(i, j) - high[j]) - low[j]) * factor[j], all arrays of rows.columns values on the host.
void apply_affine(Exec& exec, const float* high, const float* low, const float* factor,
                  MatrixView<const float> rows, MatrixView<float> out);
void apply_row_l2(Exec& exec, MatrixView<const float> rows, MatrixView<float> out);
/// Methods that go value by value, in double; `invert` undoes them.
void apply_values(Exec& exec, ScaleMethod method, bool invert, std::span<const ScaleColumn> fitted,
                  MatrixView<const float> rows, MatrixView<float> out);
void apply_column(Exec& exec, ScaleMethod method, bool invert, const ScaleColumn& fitted,
                  ArrayView<const double> values, ArrayView<double> out);
/// The values at `ranks` (from 0) in ascending order, missing ones left out. No infinite values.
std::vector<double> order_statistics(Exec& exec, ArrayView<const double> values, std::span<const int64_t> ranks);

}  // namespace crisp::gpu
