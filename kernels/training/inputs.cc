#include "kernels/training/inputs.h"

#include <algorithm>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/inputs_gpu.h"
#include "kernels/training/inputs_row.h"

namespace crisp {
namespace {

/// Adds a chunk's rows to the table: each code's first row of the chunk collects the others.
void add_chunk(const InputColumn& column, MatrixView<const float> values, MatrixView<const float> gradient, float* parameters) {
  constexpr int64_t kBlock = 64;
  int64_t code[kCodeChunk], first[kCodeChunk];
  for (int64_t i = 0; i < values.rows; ++i) {
    code[i] = code_of(values.at(i, 0), column.categories);
    first[i] = std::find(code, code + i, code[i]) - code;
  }
  float sums[kCodeChunk * kBlock];
  for (int64_t begin = 0; begin < column.width; begin += kBlock) {
    const int64_t width = std::min(kBlock, column.width - begin);
    std::fill_n(sums, values.rows * width, 0.0f);
    for (int64_t i = 0; i < values.rows; ++i) {
      for (int64_t k = 0; k < width; ++k) sums[first[i] * width + k] += gradient.at(i, begin + k);
    }
    for (int64_t i = 0; i < values.rows; ++i) {
      float* table = parameters + column.offset + code[i] * column.width + begin;
      for (int64_t k = 0; first[i] == i && k < width; ++k) table[k] += sums[i * width + k];
    }
  }
}

}  // namespace

void encode_inputs(Exec& exec, ArrayView<const InputColumn> columns, ArrayView<const float> edges,
                   ArrayView<const float> parameters, MatrixView<const float> rows, MatrixView<float> encoded) {
  CRISP_ASSERT(columns.size == rows.columns && rows.rows == encoded.rows);
  const NvtxRange range("encode_inputs");
  if (exec.is_cuda()) return gpu::encode_inputs(exec, columns, edges, parameters, rows, encoded);
  for (int64_t i = 0; i < rows.rows; ++i) {
    for (int64_t j = 0; j < columns.size; ++j) {
      const InputColumn& column = columns[j];
      encode_value(column, edges.data, parameters.data, rows.at(i, j), encoded.row(i) + column.begin);
    }
  }
}

void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, int64_t codes, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients) {
  CRISP_ASSERT(columns.size == rows.columns && rows.rows == encoded_gradient.rows);
  const NvtxRange range("embedding_gradient");
  if (exec.is_cuda()) return gpu::embedding_gradient(exec, columns, codes, rows, encoded_gradient, gradients);
  for (int64_t j = 0; j < columns.size; ++j) {
    const InputColumn& column = columns[j];
    if (column.categories == 0) continue;
    std::fill_n(gradients.data + column.offset, column.categories * column.width, 0.0f);
    for (int64_t begin = 0; begin < rows.rows; begin += kCodeChunk) {
      const int64_t size = std::min(kCodeChunk, rows.rows - begin);
      add_chunk(column, {rows.data + begin * rows.ld + j, size, 1, rows.ld},
                {encoded_gradient.row(begin) + column.begin, size, column.width, encoded_gradient.ld}, gradients.data);
    }
  }
}

}  // namespace crisp
