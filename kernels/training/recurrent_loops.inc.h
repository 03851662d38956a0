/// The loops of recurrent.h; part of training_loops.inc.h, for each instruction set. Internal linkage, see cuda/simd.h.
#include "kernels/training/recurrent_row.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

void add_bias(ArrayView<const float> bias, float* __restrict row) {
  for (int64_t j = 0; j < bias.size; ++j) row[j] += bias.data[j];
}

void lstm_rows(ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> before, MatrixView<float> cell,
               MatrixView<float> hidden) {
  const int64_t units = hidden.columns;
  for (int64_t row = 0; row < hidden.rows; ++row) {
    add_bias(bias, gates.row(row));
    float *i = gates.row(row), *f = i + units, *g = f + units, *o = g + units, *c = cell.row(row), *h = hidden.row(row);
    const float* old = before.row(row);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) {
      const LstmState unit = lstm_unit({i[j], f[j], g[j], o[j]}, old[j]);
      i[j] = unit.gates.i;
      f[j] = unit.gates.f;
      g[j] = unit.gates.g;
      o[j] = unit.gates.o;
      c[j] = unit.cell;
      h[j] = unit.hidden;
    }
  }
}

void lstm_gradient_rows(MatrixView<const float> before, MatrixView<const float> cell, MatrixView<const float> hidden_gradient,
                        MatrixView<float> cell_gradient, MatrixView<float> gates) {
  const int64_t units = cell.columns;
  for (int64_t row = 0; row < cell.rows; ++row) {
    const float *old = before.row(row), *c = cell.row(row), *slope = hidden_gradient.row(row);
    float *i = gates.row(row), *f = i + units, *g = f + units, *o = g + units, *d = cell_gradient.row(row);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) {
      const LstmSlopes unit = lstm_unit_gradient({i[j], f[j], g[j], o[j]}, old[j], c[j], slope[j], d[j]);
      i[j] = unit.sums.i;
      f[j] = unit.sums.f;
      g[j] = unit.sums.g;
      o[j] = unit.sums.o;
      d[j] = unit.before;
    }
  }
}

void gru_rows(ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input,
              MatrixView<float> recurrent, MatrixView<const float> before, MatrixView<float> hidden) {
  const int64_t units = hidden.columns;
  for (int64_t row = 0; row < hidden.rows; ++row) {
    add_bias(input_bias, input.row(row));
    add_bias(hidden_bias, recurrent.row(row));
    float *r = input.row(row), *z = r + units, *n = z + units, *h = hidden.row(row);
    const float *r2 = recurrent.row(row), *z2 = r2 + units, *n2 = z2 + units, *old = before.row(row);
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) {
      const GruState unit = gru_unit({r[j], z[j], n[j]}, {r2[j], z2[j], n2[j]}, old[j]);
      r[j] = unit.gates.r;
      z[j] = unit.gates.z;
      n[j] = unit.gates.n;
      h[j] = unit.hidden;
    }
  }
}

void gru_gradient_rows(MatrixView<const float> before, MatrixView<float> hidden_gradient, MatrixView<float> input,
                       MatrixView<float> recurrent) {
  const int64_t units = before.columns;
  for (int64_t row = 0; row < before.rows; ++row) {
    const float* old = before.row(row);
    float *r = input.row(row), *z = r + units, *n = z + units, *d = hidden_gradient.row(row);
    float *r2 = recurrent.row(row), *z2 = r2 + units, *n2 = z2 + units;
#pragma GCC ivdep
    for (int64_t j = 0; j < units; ++j) {
      const GruSlopes unit = gru_unit_gradient({r[j], z[j], n[j]}, n2[j], old[j], d[j]);
      r[j] = r2[j] = unit.input.r;
      z[j] = z2[j] = unit.input.z;
      n[j] = unit.input.n;
      n2[j] = unit.recurrent_n;
      d[j] = unit.before;
    }
  }
}

constexpr RecurrentLoops kRecurrentLoops{lstm_rows, lstm_gradient_rows, gru_rows, gru_gradient_rows};

}  // namespace
}  // namespace crisp
