/// Sums over the rows of a batch, column by column, of values that a functor makes; for .cu files.
#pragma once

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/chunk_sums.h"

namespace crisp::gpu {

/// partial[chunk * columns + column] = the sum of value(i, column) over the chunk's rows; without `partial` value() is only
/// called. Owner: one thread a (chunk, column); neighbouring threads are neighbouring columns of a row, so rows coalesce, of a
/// narrow matrix too. Regime: many chunks x columns; under 20,000 of them a large GPU is not full.
template <class T, class Value>
struct ChunkColumn {
  Value value;
  int64_t rows, columns;
  T* partial;
  __device__ void operator()(int64_t item) const {
    const int64_t column = item % columns, begin = item / columns * kSumChunk;
    const int64_t end = begin + kSumChunk < rows ? begin + kSumChunk : rows;
    T sum{};
#pragma unroll 4
    for (int64_t i = begin; i < end; ++i) sum += value(i, column);
    if (partial) partial[item] = sum;
  }
};

/// Chunks in order, one thread a column, which gives finish(column, sum).
template <class T, class Finish>
struct JoinColumn {
  const T* partial;
  int64_t chunks, columns;
  Finish finish;
  __device__ void operator()(int64_t column) const {
    T sum{};
#pragma unroll 8
    for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += partial[chunk * columns + column];
    finish(column, sum);
  }
};

/// finish(j, sum of value(i, j) over the rows) for each column, in the order of chunk_sums.h.
template <class T, class Value, class Finish>
void sum_columns(Exec& exec, int64_t rows, int64_t columns, const Value& value, const Finish& finish) {
  const int64_t chunks = sum_chunks(rows);
  const DeviceBuffer<T> partial(exec, chunks * columns);
  launch_rows(exec, chunks * columns, ChunkColumn<T, Value>{value, rows, columns, partial.data()});
  launch_rows(exec, columns, JoinColumn<T, Finish>{partial.data(), chunks, columns, finish});
}

struct ToArray {
  float* total;
  __device__ void operator()(int64_t column, float sum) const { total[column] = sum; }
};

/// total[j] = sum of value(i, j), or value() is only called where `total` (device memory) is empty.
template <class Value>
void sum_columns(Exec& exec, int64_t rows, int64_t columns, const Value& value, ArrayView<float> total) {
  if (total.size) return sum_columns<float>(exec, rows, columns, value, ToArray{total.data});
  launch_rows(exec, sum_chunks(rows) * columns, ChunkColumn<float, Value>{value, rows, columns, nullptr});
}

}  // namespace crisp::gpu
