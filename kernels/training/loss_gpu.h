/// The GPU side of loss.h, called by its dispatch only.
#pragma once

#include "kernels/training/loss.h"

namespace crisp::gpu {

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient);
void add_loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                       ArrayView<const float> weights, const float* scale, MatrixView<float> gradient, LossSum* total);

}  // namespace crisp::gpu
