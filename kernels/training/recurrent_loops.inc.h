/// The loops of recurrent.h; part of training_loops.inc.h, for each instruction set. Internal linkage, see cuda/simd.h.
#include "kernels/training/recurrent_row.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

const float* or_null(ArrayView<const float> values) { return values.size ? values.data : nullptr; }

void lstm_rows(ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> before, MatrixView<float> cell,
               MatrixView<float> hidden) {
  const int64_t units = hidden.columns;
  for (int64_t i = 0; i < hidden.rows; ++i) {
    const float *b = or_null(bias), *old = before.row(i);
    float *g = gates.row(i), *c = cell.row(i), *h = hidden.row(i);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) lstm_unit(b ? b + j : nullptr, units, old[j], g + j, c + j, h + j);
  }
}

void lstm_gradient_rows(MatrixView<const float> before, MatrixView<const float> cell, MatrixView<const float> hidden_gradient,
                        MatrixView<float> cell_gradient, MatrixView<float> gates) {
  const int64_t units = cell.columns;
  for (int64_t i = 0; i < cell.rows; ++i) {
    const float *old = before.row(i), *c = cell.row(i), *slope = hidden_gradient.row(i);
    float *d = cell_gradient.row(i), *g = gates.row(i);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) lstm_unit_gradient(units, old[j], c[j], slope[j], d + j, g + j);
  }
}

void gru_rows(ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input,
              MatrixView<float> recurrent, MatrixView<const float> before, MatrixView<float> hidden) {
  const int64_t units = hidden.columns;
  for (int64_t i = 0; i < hidden.rows; ++i) {
    const float *a = or_null(input_bias), *b = or_null(hidden_bias), *old = before.row(i);
    float *x = input.row(i), *r = recurrent.row(i), *h = hidden.row(i);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) gru_unit(a ? a + j : nullptr, b ? b + j : nullptr, units, old[j], x + j, r + j, h + j);
  }
}

void gru_gradient_rows(MatrixView<const float> before, MatrixView<float> hidden_gradient, MatrixView<float> input,
                       MatrixView<float> recurrent) {
  const int64_t units = before.columns;
  for (int64_t i = 0; i < before.rows; ++i) {
    const float* old = before.row(i);
    float *d = hidden_gradient.row(i), *x = input.row(i), *r = recurrent.row(i);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) gru_unit_gradient(units, old[j], d + j, x + j, r + j);
  }
}

constexpr RecurrentLoops kRecurrentLoops{lstm_rows, lstm_gradient_rows, gru_rows, gru_gradient_rows};

}  // namespace
}  // namespace crisp
