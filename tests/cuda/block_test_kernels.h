/// Kernels that expose the block primitives and Philox to the tests, one value per thread.
#pragma once

#include "cuda/exec.h"
#include "cuda/random.h"
#include "cuda/view.h"

namespace crisp {

struct BlockResults {
  ArrayView<int> sum, minimum, before, total, rank, chosen;
  ArrayView<float> float_sum;
};

/// Runs every primitive on one block of in.size threads (a multiple of 32); all arrays lie on the device.
void run_block_primitives(Exec& exec, ArrayView<const int> in, ArrayView<const float> floats, const BlockResults& out);

/// out[i] = philox(seed, stream, i).
void run_philox(Exec& exec, uint64_t seed, uint64_t stream, ArrayView<RandomBlock> out);

/// Sums 4 floats at a time through load_vector, doubles them through store_vector.
void run_vector_copy(Exec& exec, ArrayView<const float> in, ArrayView<float> out);

/// Reverses an array through dynamic shared memory of its size in bytes.
void run_reverse(Exec& exec, ArrayView<const int> in, ArrayView<int> out);

}  // namespace crisp
