/// Sums over the columns of 64 rows against 64 rows, for .cu files: a block of 256 threads, 4 x 4 sums a thread, spaced 16
/// apart so that lanes read neighbours.
#pragma once

#include "cuda/launch.h"

namespace crisp::gpu {

struct TileShape {
  static constexpr int kTile = 64;
  static constexpr int kDepth = 16;  // columns held at a time
  static constexpr int kThreads = 256;
  static constexpr int kEach = 4;
  static constexpr int kSide = kTile / kEach;  // threads that share a row
};

/// Columns of both tiles, transposed; one float of padding a column against bank conflicts. 8.3 KB of shared memory.
struct TileSlabs {
  float a[TileShape::kDepth][TileShape::kTile + 1];
  float b[TileShape::kDepth][TileShape::kTile + 1];
};

struct ProductTerm {
  CRISP_HD static float add(float sum, float a, float b) { return sum + a * b; }
};
struct SquareTerm {
  CRISP_HD static float add(float sum, float a, float b) {
    const float d = a - b;
    return sum + d * d;
  }
};
struct AbsoluteTerm {
  CRISP_HD static float add(float sum, float a, float b) { return sum + (a < b ? b - a : a - b); }
};

struct TileThread {
  int tx, ty;
  __device__ TileThread()
      : tx(static_cast<int>(threadIdx.x) % TileShape::kSide), ty(static_cast<int>(threadIdx.x) / TileShape::kSide) {}
  __device__ int row(int i) const { return ty + i * TileShape::kSide; }
  __device__ int column(int j) const { return tx + j * TileShape::kSide; }
};

/// sum[i][j] gets columns [from, to) of a's row `row + thread.row(i)` and b's row `column + thread.column(j)`, in order.
/// Rows beyond the last count as zeros. Called by all threads; ends with a barrier.
template <class Term>
__device__ __forceinline__ void add_tile(MatrixView<const float> a, MatrixView<const float> b, int64_t row,
                                         int64_t column, int64_t from, int64_t to, TileSlabs& slabs,
                                         float (&sum)[TileShape::kEach][TileShape::kEach]) {
  constexpr int kTile = TileShape::kTile, kDepth = TileShape::kDepth, kEach = TileShape::kEach;
  const TileThread thread;
  for (int64_t depth = from; depth < to; depth += kDepth) {
    for (int i = static_cast<int>(threadIdx.x); i < kTile * kDepth; i += TileShape::kThreads) {
      const int64_t r = i / kDepth, c = depth + i % kDepth;
      slabs.a[i % kDepth][r] = row + r < a.rows && c < to ? a.at(row + r, c) : 0.0f;
      slabs.b[i % kDepth][r] = column + r < b.rows && c < to ? b.at(column + r, c) : 0.0f;
    }
    __syncthreads();
    for (int d = 0; d < kDepth; ++d) {
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) {
          sum[i][j] = Term::add(sum[i][j], slabs.a[d][thread.row(i)], slabs.b[d][thread.column(j)]);
        }
      }
    }
    __syncthreads();
  }
}

}  // namespace crisp::gpu
