/// The GPU side of blas.h; called by its dispatch only. All views lie on the device.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp::gpu {

void multiply(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c);
void multiply(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c);

/// By cuBLAS; false where it is not there.
bool multiply_by_library(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c);
bool multiply_by_library(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c);

}  // namespace crisp::gpu
