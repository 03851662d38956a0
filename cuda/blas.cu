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

/// Value i of a slab of kTile x kDepth: threads next to each other take values next to each other in memory.
struct SlabPlace {
  int across, deep;
  __device__ SlabPlace(int i, bool depth_is_contiguous)
      : across(depth_is_contiguous ? i / Tuning::kDepth : i % Tuning::kTile),
        deep(depth_is_contiguous ? i % Tuning::kDepth : i / Tuning::kTile) {}
};

template <bool rounded, class T>
__device__ __forceinline__ T slab_value(const Factor<T>& from, int64_t i, int64_t j) {
  const T value = i < from.rows() && j < from.columns() ? from.at(i, j) : T{0};
  if constexpr (rounded) return bfloat16_rounded(value);
  return value;
}

/// c = a * b, or c += a * b; a: m x k, b: k x n, either may lie transposed. `rounded`: factors to bfloat16 on their way in.
/// Owner: a block computes a 64 x 64 tile of c, a thread 4 x 4 of it, spaced 16 apart so that lanes read neighbours.
/// Shared (static): a 16-deep slab of a and of b (one value of padding a row against bank conflicts): 8.3 KB in float,
/// 16.6 KB in double.
/// Memory: each slab is read once per tile, in whole rows or in runs of 16; arithmetic binds from k of a few tens on.
/// Regime: products where cuBLAS is not at hand; a third of its speed is enough.
template <class T, bool rounded>
__global__ void __launch_bounds__(Tuning::kThreads, 2) multiply_tiles(Factor<T> a, Factor<T> b, MatrixView<T> c, bool add) {
  constexpr int kTile = Tuning::kTile, kDepth = Tuning::kDepth, kEach = Tuning::kEach, kSide = kTile / kEach;
  __shared__ T slab_a[kDepth][kTile + 1];
  __shared__ T slab_b[kDepth][kTile + 1];
  const int thread = static_cast<int>(threadIdx.x), tx = thread % kSide, ty = thread / kSide;
  const int64_t row = static_cast<int64_t>(blockIdx.y) * kTile, column = static_cast<int64_t>(blockIdx.x) * kTile;
  T sum[kEach][kEach] = {};
  for (int64_t depth = 0; depth < a.columns(); depth += kDepth) {
    for (int i = thread; i < kTile * kDepth; i += Tuning::kThreads) {
      const SlabPlace of_a(i, !a.transposed), of_b(i, b.transposed);
      slab_a[of_a.deep][of_a.across] = slab_value<rounded>(a, row + of_a.across, depth + of_a.deep);
      slab_b[of_b.deep][of_b.across] = slab_value<rounded>(b, depth + of_b.deep, column + of_b.across);
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
      if (r < c.rows && s < c.columns) c.at(r, s) = add ? c.at(r, s) + sum[i][j] : sum[i][j];
    }
  }
}

template <class T>
void multiply_any(Exec& exec, const Factor<T>& a, const Factor<T>& b, MatrixView<T> c, ProductPlan plan) {
  if (c.rows == 0 || c.columns == 0) return;
  if (a.columns() > 0 && multiply_by_library(exec, a, b, c, plan)) return;
  CRISP_ASSERT(c.rows <= int64_t{65535} * Tuning::kTile);
  const bool add = plan.target == ProductTarget::add;
  const dim3 grid(blocks_for(c.columns, Tuning::kTile, int64_t{1} << 31), blocks_for(c.rows, Tuning::kTile));
  if constexpr (std::is_same_v<T, float>) {
    if (plan.precision == ProductPrecision::bfloat16) {
      return launch(exec, {grid, dim3(Tuning::kThreads)}, multiply_tiles<T, true>, a, b, c, add);
    }
  }
  launch(exec, {grid, dim3(Tuning::kThreads)}, multiply_tiles<T, false>, a, b, c, add);
}

}  // namespace

void multiply(Exec& exec, const Factor<float>& a, const Factor<float>& b, MatrixView<float> c, ProductPlan plan) {
  multiply_any(exec, a, b, c, plan);
}

void multiply(Exec& exec, const Factor<double>& a, const Factor<double>& b, MatrixView<double> c, ProductPlan plan) {
  multiply_any(exec, a, b, c, plan);
}

}  // namespace crisp::gpu
