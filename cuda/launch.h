/// Launching kernels, for .cu files: one wrapper over cudaLaunchKernelEx (plain C++, so that the same file builds for the
/// emulated device), a launcher for independent rows, dynamic shared memory, and vector loads and stores.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>
#include <utility>

#include "cuda/cuda_error.h"
#include "cuda/exec.h"

namespace crisp {

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;
/// Dynamic shared memory that every GPU grants without asking.
constexpr int kPlainSharedBytes = 48 * 1024;

struct LaunchShape {
  dim3 grid;
  dim3 block;
  size_t shared_bytes = 0;  ///< dynamic shared memory
};

/// Queues kernel(arguments...) on exec's stream. Asks for large dynamic shared memory where the shape needs it.
template <class... Parameters, class... Arguments>
void launch(Exec& exec, const LaunchShape& shape, void (*kernel)(Parameters...), Arguments&&... arguments) {
  if (shape.shared_bytes > static_cast<size_t>(kPlainSharedBytes)) {
    CRISP_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(shape.shared_bytes)));
  }
  cudaLaunchConfig_t config{};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = static_cast<cudaStream_t>(exec.stream());
  CRISP_CUDA(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...));
}

/// Blocks for `items` at `per_block` each, capped: kernels stride over the rest.
inline unsigned blocks_for(int64_t items, int64_t per_block, int64_t cap = int64_t{1} << 20) {
  const int64_t blocks = (items + per_block - 1) / per_block;
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks > cap ? cap : blocks);
}

struct RowTuning {
  static constexpr int kThreads = 256;
  // Room for 128 registers a thread: left to itself ptxas aims for more blocks and spills a few bytes in wide functors.
  static constexpr int kBlocks = 2;
};

/// functor(i) for each i in [0, rows): one thread owns a row and strides by the grid. No shared memory, no barrier.
/// Neighbouring threads own neighbouring rows, so columnar data coalesce. For any number of rows.
template <class Functor>
__global__ void __launch_bounds__(RowTuning::kThreads, RowTuning::kBlocks) row_kernel(int64_t rows, Functor functor) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < rows; i += stride) functor(i);
}

/// Runs a *named* functor (a struct with CRISP_HD operator()(int64_t) const) once per row. Its name is what a profiler shows.
template <class Functor>
void launch_rows(Exec& exec, int64_t rows, const Functor& functor) {
  static_assert(std::is_trivially_copyable_v<Functor>, "a functor travels to the device as plain bytes");
  if (rows == 0) return;
  const LaunchShape shape{dim3(blocks_for(rows, RowTuning::kThreads)), dim3(RowTuning::kThreads)};
  launch(exec, shape, row_kernel<Functor>, rows, functor);
}

/// functor(row, lane) for each row and each of the 32 lanes of a warp: a warp owns a row and strides by the grid; lanes
/// share the row's columns, so rows of any width coalesce. Every lane calls, so warp operations are allowed.
template <class Functor>
__global__ void __launch_bounds__(RowTuning::kThreads, RowTuning::kBlocks) warp_row_kernel(int64_t rows, Functor functor) {
  constexpr int kWarps = RowTuning::kThreads / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * kWarps;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kWarps + warp; i < rows; i += stride) functor(i, lane);
}

/// Runs a named functor (__device__ operator()(int64_t row, int lane) const) with one warp per row.
template <class Functor>
void launch_warp_rows(Exec& exec, int64_t rows, const Functor& functor) {
  static_assert(std::is_trivially_copyable_v<Functor>, "a functor travels to the device as plain bytes");
  if (rows == 0) return;
  const LaunchShape shape{dim3(blocks_for(rows, RowTuning::kThreads / kWarp)), dim3(RowTuning::kThreads)};
  launch(exec, shape, warp_row_kernel<Functor>, rows, functor);
}

/// Start of the block's dynamic shared memory, aligned to 16 bytes.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  static_assert(alignof(T) <= 16);
#if defined(CRISP_EMULATED)
  return static_cast<T*>(emulation::dynamic_shared_memory());
#else
  extern __shared__ __align__(16) unsigned char crisp_dynamic_shared[];
  return reinterpret_cast<T*>(crisp_dynamic_shared);
#endif
}

/// One vector load through the read-only path; `from` must be aligned to sizeof(Vector), which the emulated device
/// checks. Writing it as a plain dereference would hide both facts.
template <class Vector, class T>
__device__ __forceinline__ Vector load_vector(const T* from) {
  return __ldg(reinterpret_cast<const Vector*>(from));
}

/// One vector store that does not displace data from the caches (the results are read by a later kernel, if at all).
template <class Vector, class T>
__device__ __forceinline__ void store_vector(T* to, Vector value) {
  __stcs(reinterpret_cast<Vector*>(to), value);
}

/// Whether a pointer and a row pitch allow loads of `bytes`.
inline bool aligned_rows(const void* data, int64_t row_bytes, int64_t bytes) {
  return reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(bytes) == 0 && row_bytes % bytes == 0;
}

}  // namespace crisp
