// Our own matrix product, for GPUs on machines without cuBLAS and for the emulated device.
#include "cuda/blas_gpu.h"
#include "cuda/launch.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kTile = 64;   // rows and columns of c a block computes
  static constexpr int kDepth = 16;  // of a and b held at a time
  static constexpr int kThreads = 256;
  static constexpr int kEach = 4;    // rows and columns of c a thread computes
};

/// c = a * b; a: m x k, b: k x n.
/// Owner: a block computes a 64 x 64 tile of c, a thread 4 x 4 of it, spaced 16 apart so that lanes read neighbours.
/// Shared (static): a 16-deep slab of a (transposed, one float of padding a row against bank conflicts) and of b: 8.3 KB
/// in float, 16.6 KB in double.
/// Memory: each slab is read once per tile, b coalesced, a in runs of 16; arithmetic binds from k of a few tens on.
/// Regime: products where cuBLAS is not at hand; a third of its speed is enough.
template <class T>
__global__ void __launch_bounds__(Tuning::kThreads, 2) multiply_tiles(MatrixView<const T> a, MatrixView<const T> b,
                                                                      MatrixView<T> c) {
  constexpr int kTile = Tuning::kTile, kDepth = Tuning::kDepth, kEach = Tuning::kEach, kSide = kTile / kEach;
  __shared__ T slab_a[kDepth][kTile + 1];
  __shared__ T slab_b[kDepth][kTile];
  const int thread = static_cast<int>(threadIdx.x), tx = thread % kSide, ty = thread / kSide;
  const int64_t row = static_cast<int64_t>(blockIdx.y) * kTile, column = static_cast<int64_t>(blockIdx.x) * kTile;
  T sum[kEach][kEach] = {};
  for (int64_t depth = 0; depth < a.columns; depth += kDepth) {
    for (int i = thread; i < kTile * kDepth; i += Tuning::kThreads) {
      const int64_t ar = row + i / kDepth, ac = depth + i % kDepth, br = depth + i / kTile, bc = column + i % kTile;
      slab_a[i % kDepth][i / kDepth] = ar < a.rows && ac < a.columns ? a.at(ar, ac) : T{0};
      slab_b[i / kTile][i % kTile] = br < b.rows && bc < b.columns ? b.at(br, bc) : T{0};
    }
    __syncthreads();
    for (int d = 0; d < kDepth; ++d) {
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) sum[i][j] += slab_a[d][ty + i * kSide] * slab_b[d][tx + j * kSide];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int64_t r = row + ty + i * kSide, s = column + tx + j * kSide;
      if (r < c.rows && s < c.columns) c.at(r, s) = sum[i][j];
    }
  }
}

template <class T>
void multiply_any(Exec& exec, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) {
  if (c.rows == 0 || c.columns == 0) return;
  if (a.columns > 0 && multiply_by_library(exec, a, b, c)) return;
  CRISP_ASSERT(c.rows <= int64_t{65535} * Tuning::kTile);
  const dim3 grid(blocks_for(c.columns, Tuning::kTile, int64_t{1} << 31), blocks_for(c.rows, Tuning::kTile));
  launch(exec, {grid, dim3(Tuning::kThreads)}, multiply_tiles<T>, a, b, c);
}

}  // namespace

void multiply(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c) {
  multiply_any(exec, a, b, c);
}

void multiply(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c) {
  multiply_any(exec, a, b, c);
}

}  // namespace crisp::gpu
