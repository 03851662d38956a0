#include "kernels/training/recurrent.h"

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/recurrent_gpu.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

bool fits(ArrayView<const float> bias, int64_t columns) { return bias.size == 0 || bias.size == columns; }
bool shaped(MatrixView<const float> matrix, int64_t rows, int64_t columns) {
  return matrix.rows == rows && matrix.columns == columns;
}

}  // namespace

void lstm_cell(Exec& exec, ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
               MatrixView<float> cell, MatrixView<float> hidden) {
  const int64_t rows = hidden.rows, units = hidden.columns;
  CRISP_ASSERT(shaped(gates, rows, 4 * units) && shaped(cell_before, rows, units) && shaped(cell, rows, units));
  CRISP_ASSERT(fits(bias, 4 * units));
  const NvtxRange range("lstm_cell");
  if (exec.is_cuda()) return gpu::lstm_cell(exec, bias, gates, cell_before, cell, hidden);
  training_loops().recurrent.lstm_cell(bias, gates, cell_before, cell, hidden);
}

void lstm_cell_gradient(Exec& exec, MatrixView<const float> cell_before, MatrixView<const float> cell,
                        MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates) {
  const int64_t rows = cell.rows, units = cell.columns;
  CRISP_ASSERT(shaped(gates, rows, 4 * units) && shaped(cell_before, rows, units));
  CRISP_ASSERT(shaped(hidden_gradient, rows, units) && shaped(cell_gradient, rows, units));
  const NvtxRange range("lstm_cell_gradient");
  if (exec.is_cuda()) return gpu::lstm_cell_gradient(exec, cell_before, cell, hidden_gradient, cell_gradient, gates);
  training_loops().recurrent.lstm_cell_gradient(cell_before, cell, hidden_gradient, cell_gradient, gates);
}

void gru_cell(Exec& exec, ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
              MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden) {
  const int64_t rows = hidden.rows, units = hidden.columns;
  CRISP_ASSERT(shaped(input_sums, rows, 3 * units) && shaped(hidden_sums, rows, 3 * units));
  CRISP_ASSERT(shaped(hidden_before, rows, units) && fits(input_bias, 3 * units) && fits(hidden_bias, 3 * units));
  const NvtxRange range("gru_cell");
  if (exec.is_cuda()) return gpu::gru_cell(exec, input_bias, hidden_bias, input_sums, hidden_sums, hidden_before, hidden);
  training_loops().recurrent.gru_cell(input_bias, hidden_bias, input_sums, hidden_sums, hidden_before, hidden);
}

void gru_cell_gradient(Exec& exec, MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                       MatrixView<float> input_sums, MatrixView<float> hidden_sums) {
  const int64_t rows = hidden_before.rows, units = hidden_before.columns;
  CRISP_ASSERT(shaped(input_sums, rows, 3 * units) && shaped(hidden_sums, rows, 3 * units));
  CRISP_ASSERT(shaped(hidden_gradient, rows, units));
  const NvtxRange range("gru_cell_gradient");
  if (exec.is_cuda()) return gpu::gru_cell_gradient(exec, hidden_before, hidden_gradient, input_sums, hidden_sums);
  training_loops().recurrent.gru_cell_gradient(hidden_before, hidden_gradient, input_sums, hidden_sums);
}

}  // namespace crisp
