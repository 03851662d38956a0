/// The CUDA engine of Shapley values; called by shap.cc after it checked the arguments. Data may lie on the host or on the device.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/shap_plan.h"

namespace crisp::gpu {

void tree_shap(Exec& exec, const TreesView& trees, MatrixView<const float> rows, MatrixView<double> out);

}  // namespace crisp::gpu
