/// What stands between the matrix products of a step of an LSTM (Hochreiter, Schmidhuber 1997) or GRU (Cho et al. 2014). Gates lie
/// side by side in one matrix, in the order of PyTorch's weights: LSTM i f g o, GRU r z n; H units each.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// gates (rows x 4 H): x W_ih' + h W_hh' becomes sigmoid or tanh of itself plus `bias` (4 H: b_ih + b_hh; empty: 0).
/// cell = f * cell_before + i * g (may be `cell_before`, where the way back is not needed), hidden = o * tanh(cell).
/// Engines agree bit for bit. 44 bytes a unit.
void lstm_cell(Exec& exec, ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
               MatrixView<float> cell, MatrixView<float> hidden);

/// The way back: hidden_gradient is d loss / d hidden. cell_gradient: d loss / d cell through later steps becomes that of
/// cell_before. gates: what lstm_cell() left becomes d loss / d its sums. 48 bytes a unit.
void lstm_cell_gradient(Exec& exec, MatrixView<const float> cell_before, MatrixView<const float> cell,
                        MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates);

/// input_sums (rows x 3 H): x W_ih' becomes the gates r, z, n; hidden_sums (rows x 3 H): h W_hh' gets its bias. Biases 3 H each
/// or empty. n = tanh(input_n + r * hidden_n); hidden = (1 - z) * n + z * hidden_before; `hidden` may be `hidden_before`, where
/// the way back is not needed. Engines agree bit for bit. 56 bytes a unit.
void gru_cell(Exec& exec, ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
              MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden);

/// The way back: input_sums and hidden_sums as gru_cell() left them become d loss / d themselves; hidden_gradient:
/// d loss / d hidden becomes the direct part of that of hidden_before (the other comes through hidden_sums). 48 bytes a unit.
void gru_cell_gradient(Exec& exec, MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                       MatrixView<float> input_sums, MatrixView<float> hidden_sums);

}  // namespace crisp
