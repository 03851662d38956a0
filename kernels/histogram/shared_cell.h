/// Cells of 64 bits in shared memory, for .cu files.
#pragma once

#include <cstdint>

#include "cuda/launch.h"

namespace crisp {

/// Adds to a cell whose halves are two arrays: shared memory has no 64-bit addition of its own, two of 32 bits are one instruction each. The
/// lower half says when it wrapped around; all wraps together are what the upper one lacks.
__device__ __forceinline__ void add_to_cell(unsigned* low, unsigned* high, int cell, uint64_t value) {
  const auto addend = static_cast<unsigned>(value);
  const unsigned before = atomicAdd(low + cell, addend);
  atomicAdd(high + cell, static_cast<unsigned>(value >> 32) + (before + addend < before ? 1u : 0u));
}

__device__ __forceinline__ uint64_t cell_value(const unsigned* low, const unsigned* high, int cell) {
  return static_cast<uint64_t>(high[cell]) << 32 | low[cell];
}

}  // namespace crisp
