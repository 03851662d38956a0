/// Bringing columns to one scale: fit, apply, invert.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/scale/scale_row.h"

namespace crisp {

/// Parameters from the values that are not NaN. A spread of 0 gives scale 1, so that a constant column
/// becomes 0. Standard deviations divide by n and percentiles are linear, as in scikit-learn. An infinite
/// value, a column without values, and for box_cox a value that is not positive, are Code::data. row_l2 and
/// log1p give the identity. Values may lie on the host or on the device; equal bits for every engine and thread
/// count.
ScaleColumn fit_scale_column(Exec& exec, ScaleMethod method, ArrayView<const double> values);
std::vector<ScaleColumn> fit_scale(Exec& exec, ScaleMethod method, MatrixView<const float> rows);

/// One column in double; NaN stays NaN. `out` may be `values`. Not for row_l2.
void apply_scale_column(Exec& exec, ScaleMethod method, const ScaleColumn& fitted,
                        ArrayView<const double> values, ArrayView<double> out);
void invert_scale_column(Exec& exec, ScaleMethod method, const ScaleColumn& fitted,
                         ArrayView<const double> values, ArrayView<double> out);

/// Every column by its parameters; `out` has the shape of `rows` and may be the same memory. Reads and writes
/// each value once (8 bytes). Affine methods: (x - hi(center) - lo(center)) * (1 / scale) in float, equal bit
/// for bit over engines and within 2 ulp of the exact result; box_cox and yeo_johnson in double, equal too; the
/// others and all inverses in double, within 1e-6 relative.
void apply_scale(Exec& exec, ScaleMethod method, std::span<const ScaleColumn> fitted,
                 MatrixView<const float> rows, MatrixView<float> out);
/// The inverse of apply_scale; row_l2 has none (Code::bug).
void invert_scale(Exec& exec, ScaleMethod method, std::span<const ScaleColumn> fitted,
                  MatrixView<const float> rows, MatrixView<float> out);

const char* scale_method_name(ScaleMethod method);
/// Code::config naming the nearest for an unknown one.
ScaleMethod parse_scale_method(const std::string& name);

}  // namespace crisp
