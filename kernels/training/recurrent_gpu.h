/// The GPU side of recurrent.h, called by its dispatch only.
#pragma once

#include "kernels/training/recurrent.h"

namespace crisp::gpu {

void lstm_cell(Exec& exec, ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
               MatrixView<float> cell, MatrixView<float> hidden);
void lstm_cell_gradient(Exec& exec, MatrixView<const float> cell_before, MatrixView<const float> cell,
                        MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates);
void gru_cell(Exec& exec, ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
              MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden);
void gru_cell_gradient(Exec& exec, MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                       MatrixView<float> input_sums, MatrixView<float> hidden_sums);

}  // namespace crisp::gpu
