/// Reductions, scans and ranks inside a warp or a block, for .cu files. Thin and our own, so that they run on the emulated
/// device; the order of every combination is fixed, so float results repeat bit for bit.
///
/// | function          | called by                         | result in            | scratch (shared)      |
/// |-------------------|-----------------------------------|----------------------|-----------------------|
/// | warp_reduce       | all 32 lanes                      | every lane           | none                  |
/// | warp_scan         | all 32 lanes                      | own prefix, each     | none                  |
/// | block_reduce      | all threads, whole warps          | every thread         | kMaxWarps values      |
/// | block_scan        | all threads, whole warps          | own prefix and total | kMaxWarps values      |
/// | block_rank        | all threads, whole warps          | own rank and total   | kMaxWarps ints        |
///
/// Scratch may be used again after the call returns: each function ends with a barrier.
#pragma once

#include "cuda/host_device.h"
#include "cuda/launch.h"

namespace crisp {

constexpr int kMaxWarps = 32;  ///< of the largest block, 1024 threads

struct Sum {
  template <class T>
  CRISP_HD T operator()(T a, T b) const { return a + b; }
};
struct Minimum {
  template <class T>
  CRISP_HD T operator()(T a, T b) const { return b < a ? b : a; }
};
struct Maximum {
  template <class T>
  CRISP_HD T operator()(T a, T b) const { return a < b ? b : a; }
};

__device__ __forceinline__ int lane_index() { return static_cast<int>(threadIdx.x) % kWarp; }
__device__ __forceinline__ int warp_index() { return static_cast<int>(threadIdx.x) / kWarp; }
__device__ __forceinline__ int block_warps() { return static_cast<int>(blockDim.x) / kWarp; }

/// Butterfly: lane i meets i^16, i^8, ... so every lane ends with the same value. `op` must commute.
template <class T, class Op>
__device__ __forceinline__ T warp_reduce(T value, Op op) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    value = op(value, __shfl_xor_sync(kAllLanes, value, distance));
  }
  return value;
}

/// Inclusive prefix over the lanes.
template <class T, class Op>
__device__ __forceinline__ T warp_scan(T value, Op op) {
#pragma unroll
  for (int distance = 1; distance < kWarp; distance *= 2) {
    const T before = __shfl_up_sync(kAllLanes, value, static_cast<unsigned>(distance));
    if (lane_index() >= distance) value = op(before, value);
  }
  return value;
}

/// All threads' values in one; warps are combined in their order.
template <class T, class Op>
__device__ __forceinline__ T block_reduce(T value, Op op, T* scratch) {
  value = warp_reduce(value, op);
  if (lane_index() == 0) scratch[warp_index()] = value;
  __syncthreads();
  T total = scratch[0];
  for (int warp = 1; warp < block_warps(); ++warp) total = op(total, scratch[warp]);
  __syncthreads();
  return total;
}

template <class T>
struct Prefix {
  T before;  ///< of all threads with a smaller index (the zero value for thread 0)
  T total;   ///< of the whole block
};

/// Exclusive prefix sum over the threads.
template <class T>
__device__ __forceinline__ Prefix<T> block_scan(T value, T* scratch) {
  const T inclusive = warp_scan(value, Sum{});
  if (lane_index() == kWarp - 1) scratch[warp_index()] = inclusive;
  __syncthreads();
  T before{}, total{};
  for (int warp = 0; warp < block_warps(); ++warp) {
    if (warp == warp_index()) before = total;
    total = total + scratch[warp];
  }
  __syncthreads();
  return {before + (inclusive - value), total};
}

/// Where this thread's flag stands among the set ones: a stable partition writes there.
__device__ __forceinline__ Prefix<int> block_rank(bool flag, int* scratch) {
  const unsigned votes = __ballot_sync(kAllLanes, flag);
  if (lane_index() == 0) scratch[warp_index()] = __popc(votes);
  __syncthreads();
  int before = 0, total = 0;
  for (int warp = 0; warp < block_warps(); ++warp) {
    if (warp == warp_index()) before = total;
    total += scratch[warp];
  }
  __syncthreads();
  return {before + __popc(votes & ((1u << lane_index()) - 1)), total};
}

}  // namespace crisp
