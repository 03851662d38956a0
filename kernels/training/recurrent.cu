// GPU engine of recurrent steps: a thread owns a unit of a row; its gates lie `units` apart, so neighbouring threads read
// neighbours of each gate. Bound by memory; steps of small batches by the launch itself.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/recurrent_row.h"

namespace crisp::gpu {

void lstm_cell(Exec& exec, ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
               MatrixView<float> cell, MatrixView<float> hidden);
void lstm_cell_gradient(Exec& exec, MatrixView<const float> cell_before, MatrixView<const float> cell,
                        MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates);
void gru_cell(Exec& exec, ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
              MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden);
void gru_cell_gradient(Exec& exec, MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                       MatrixView<float> input_sums, MatrixView<float> hidden_sums);

namespace {

struct LstmUnit {
  const float* bias;
  MatrixView<float> gates;
  MatrixView<const float> before;
  MatrixView<float> cell, hidden;
  __device__ void operator()(int64_t item) const {
    const int64_t units = hidden.columns, i = item / units, j = item % units;
    lstm_unit(bias ? bias + j : nullptr, units, before.at(i, j), gates.row(i) + j, cell.row(i) + j, hidden.row(i) + j);
  }
};

struct LstmUnitGradient {
  MatrixView<const float> before, cell, hidden_gradient;
  MatrixView<float> cell_gradient, gates;
  __device__ void operator()(int64_t item) const {
    const int64_t units = cell.columns, i = item / units, j = item % units;
    lstm_unit_gradient(units, before.at(i, j), cell.at(i, j), hidden_gradient.at(i, j), cell_gradient.row(i) + j, gates.row(i) + j);
  }
};

struct GruUnit {
  const float *input_bias, *hidden_bias;
  MatrixView<float> input, recurrent;
  MatrixView<const float> before;
  MatrixView<float> hidden;
  __device__ void operator()(int64_t item) const {
    const int64_t units = hidden.columns, i = item / units, j = item % units;
    gru_unit(input_bias ? input_bias + j : nullptr, hidden_bias ? hidden_bias + j : nullptr, units, before.at(i, j),
             input.row(i) + j, recurrent.row(i) + j, hidden.row(i) + j);
  }
};

struct GruUnitGradient {
  MatrixView<const float> before;
  MatrixView<float> hidden_gradient, input, recurrent;
  __device__ void operator()(int64_t item) const {
    const int64_t units = before.columns, i = item / units, j = item % units;
    gru_unit_gradient(units, before.at(i, j), hidden_gradient.row(i) + j, input.row(i) + j, recurrent.row(i) + j);
  }
};

const float* or_null(const DeviceInput<float>& values) { return values.view().size ? values.data() : nullptr; }

}  // namespace

void lstm_cell(Exec& exec, ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
               MatrixView<float> cell, MatrixView<float> hidden) {
  const DeviceInput<float> b(exec, bias);
  const DeviceMatrixInput<float> before(exec, cell_before);
  DeviceMatrixOutput<float> g(exec, gates), c(exec, cell), h(exec, hidden);
  g.load(exec);
  launch_rows(exec, hidden.rows * hidden.columns, LstmUnit{or_null(b), g.view(), before.view(), c.view(), h.view()});
  for (DeviceMatrixOutput<float>* out : {&g, &c, &h}) out->finish(exec);
}

void lstm_cell_gradient(Exec& exec, MatrixView<const float> cell_before, MatrixView<const float> cell,
                        MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates) {
  const DeviceMatrixInput<float> before(exec, cell_before), c(exec, cell), slope(exec, hidden_gradient);
  DeviceMatrixOutput<float> d(exec, cell_gradient), g(exec, gates);
  d.load(exec);
  g.load(exec);
  launch_rows(exec, cell.rows * cell.columns, LstmUnitGradient{before.view(), c.view(), slope.view(), d.view(), g.view()});
  d.finish(exec);
  g.finish(exec);
}

void gru_cell(Exec& exec, ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
              MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden) {
  const DeviceInput<float> a(exec, input_bias), b(exec, hidden_bias);
  const DeviceMatrixInput<float> before(exec, hidden_before);
  DeviceMatrixOutput<float> x(exec, input_sums), r(exec, hidden_sums), h(exec, hidden);
  x.load(exec);
  r.load(exec);
  launch_rows(exec, hidden.rows * hidden.columns, GruUnit{or_null(a), or_null(b), x.view(), r.view(), before.view(), h.view()});
  for (DeviceMatrixOutput<float>* out : {&x, &r, &h}) out->finish(exec);
}

void gru_cell_gradient(Exec& exec, MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                       MatrixView<float> input_sums, MatrixView<float> hidden_sums) {
  const DeviceMatrixInput<float> before(exec, hidden_before);
  DeviceMatrixOutput<float> d(exec, hidden_gradient), x(exec, input_sums), r(exec, hidden_sums);
  for (DeviceMatrixOutput<float>* in : {&d, &x, &r}) in->load(exec);
  launch_rows(exec, hidden_before.rows * hidden_before.columns, GruUnitGradient{before.view(), d.view(), x.view(), r.view()});
  for (DeviceMatrixOutput<float>* out : {&d, &x, &r}) out->finish(exec);
}

}  // namespace crisp::gpu
