/// The GPU side of activation.h, called by its dispatch only.
#pragma once

#include "kernels/training/activation.h"

namespace crisp::gpu {

void activate(Exec& exec, Activation kind, const Dropout& dropout, ArrayView<const float> bias, MatrixView<float> sums,
              MatrixView<float> out);
void activation_gradient(Exec& exec, Activation kind, const Dropout& dropout, MatrixView<const float> sums,
                         MatrixView<float> gradient, ArrayView<float> bias_gradient);

}  // namespace crisp::gpu
