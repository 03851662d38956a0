// GPU engine of recurrent steps: a thread owns a unit of a row; its gates lie `units` apart, so neighbouring threads read
// neighbours of each gate. Bound by memory; steps of small batches by the launch itself.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/recurrent_gpu.h"
#include "kernels/training/recurrent_row.h"

namespace crisp::gpu {
namespace {

/// Adds its bias to a sum and gives it.
__device__ __forceinline__ float biased(const float* bias, int64_t j, float* sum) {
  if (bias) *sum += bias[j];
  return *sum;
}

struct LstmUnit {
  const float* bias;
  MatrixView<float> gates;
  MatrixView<const float> before;
  MatrixView<float> cell, hidden;
  __device__ void operator()(int64_t item) const {
    const int64_t units = hidden.columns, row = item / units, j = item % units;
    float *i = gates.row(row) + j, *f = i + units, *g = f + units, *o = g + units;
    const LstmGates sums{biased(bias, j, i), biased(bias, j + units, f), biased(bias, j + 2 * units, g), biased(bias, j + 3 * units, o)};
    const LstmState unit = lstm_unit(sums, before.at(row, j));
    *i = unit.gates.i;
    *f = unit.gates.f;
    *g = unit.gates.g;
    *o = unit.gates.o;
    cell.at(row, j) = unit.cell;
    hidden.at(row, j) = unit.hidden;
  }
};

struct LstmUnitGradient {
  MatrixView<const float> before, cell, hidden_gradient;
  MatrixView<float> cell_gradient, gates;
  __device__ void operator()(int64_t item) const {
    const int64_t units = cell.columns, row = item / units, j = item % units;
    float *i = gates.row(row) + j, *f = i + units, *g = f + units, *o = g + units;
    const LstmSlopes unit = lstm_unit_gradient({*i, *f, *g, *o}, before.at(row, j), cell.at(row, j), hidden_gradient.at(row, j),
                                               cell_gradient.at(row, j));
    *i = unit.sums.i;
    *f = unit.sums.f;
    *g = unit.sums.g;
    *o = unit.sums.o;
    cell_gradient.at(row, j) = unit.before;
  }
};

struct GruUnit {
  const float *input_bias, *hidden_bias;
  MatrixView<float> input, recurrent;
  MatrixView<const float> before;
  MatrixView<float> hidden;
  __device__ GruGates sums(const float* bias, float* at, int64_t j) const {
    const int64_t units = hidden.columns;
    return {biased(bias, j, at), biased(bias, j + units, at + units), biased(bias, j + 2 * units, at + 2 * units)};
  }
  __device__ void operator()(int64_t item) const {
    const int64_t units = hidden.columns, row = item / units, j = item % units;
    float* at = input.row(row) + j;
    const GruState unit = gru_unit(sums(input_bias, at, j), sums(hidden_bias, recurrent.row(row) + j, j), before.at(row, j));
    at[0] = unit.gates.r;
    at[units] = unit.gates.z;
    at[2 * units] = unit.gates.n;
    hidden.at(row, j) = unit.hidden;
  }
};

struct GruUnitGradient {
  MatrixView<const float> before;
  MatrixView<float> hidden_gradient, input, recurrent;
  __device__ void operator()(int64_t item) const {
    const int64_t units = before.columns, row = item / units, j = item % units;
    float *at = input.row(row) + j, *other = recurrent.row(row) + j;
    const GruSlopes unit = gru_unit_gradient({at[0], at[units], at[2 * units]}, other[2 * units], before.at(row, j), hidden_gradient.at(row, j));
    at[0] = other[0] = unit.input.r;
    at[units] = other[units] = unit.input.z;
    at[2 * units] = unit.input.n;
    other[2 * units] = unit.recurrent_n;
    hidden_gradient.at(row, j) = unit.before;
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
