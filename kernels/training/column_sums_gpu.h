/// Sums over the rows of a batch, column by column, of values that a functor makes; for .cu files.
#pragma once

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/chunk_sums.h"

namespace crisp::gpu {

/// partial[chunk * columns + column] = the sum of value(i, column) over the chunk's rows; without `partial` value() is only
/// called. Owner: one thread a (chunk, column); neighbouring threads are neighbouring columns of a row, so rows coalesce, of a
/// narrow matrix too. Regime: many chunks x columns; under 20,000 of them a large GPU is not full.
template <class Value>
struct ChunkColumn {
  Value value;
  int64_t rows, columns;
  float* partial;
  __device__ void operator()(int64_t item) const {
    const int64_t column = item % columns, begin = item / columns * kSumChunk;
    const int64_t end = begin + kSumChunk < rows ? begin + kSumChunk : rows;
    float sum = 0;
#pragma unroll 4
    for (int64_t i = begin; i < end; ++i) sum += value(i, column);
    if (partial) partial[item] = sum;
  }
};

/// Chunks in order, one thread a column.
struct JoinColumn {
  const float* partial;
  int64_t chunks, columns;
  float* total;
  __device__ void operator()(int64_t column) const {
    float sum = 0;
#pragma unroll 8
    for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += __ldg(&partial[chunk * columns + column]);
    total[column] = sum;
  }
};

/// total[j] = sum of value(i, j) over the rows, in the order of chunk_sums.h; `total` (device memory) may be empty.
template <class Value>
void sum_columns(Exec& exec, int64_t rows, int64_t columns, const Value& value, ArrayView<float> total) {
  const int64_t chunks = sum_chunks(rows);
  const DeviceBuffer<float> partial(exec, total.size ? chunks * columns : 0);
  launch_rows(exec, chunks * columns, ChunkColumn<Value>{value, rows, columns, total.size ? partial.data() : nullptr});
  if (total.size) launch_rows(exec, columns, JoinColumn{partial.data(), chunks, columns, total.data});
}

}  // namespace crisp::gpu
