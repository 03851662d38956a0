/// Lists of neighbours in the shared memory of a block, for .cu files.
#pragma once

#include "cuda/launch.h"
#include "kernels/distance/distance_row.h"

namespace crisp::gpu {

/// Sorts `size` (a power of two) neighbours in shared memory, nearest first; all threads of the block call. A bitonic
/// network: log2(size)^2 / 2 steps with a barrier each. Ends with a barrier.
__device__ __forceinline__ void sort_neighbours(distance::Neighbour* list, int size) {
  for (int width = 2; width <= size; width *= 2) {
    for (int stride = width / 2; stride > 0; stride /= 2) {
      for (int i = static_cast<int>(threadIdx.x); i < size / 2; i += static_cast<int>(blockDim.x)) {
        const int low = i / stride * 2 * stride + i % stride, high = low + stride;
        const distance::Neighbour a = list[low], b = list[high];
        if (distance::comes_before(b, a) == ((low & width) == 0)) {
          list[low] = b;
          list[high] = a;
        }
      }
      __syncthreads();
    }
  }
}

}  // namespace crisp::gpu
