/// Counter-based random numbers (Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// A draw is a pure function of (seed, stream, index): nothing depends on who draws first, so results are equal for any
/// number of threads and on the GPU, and a resumed run needs no generator state.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

struct RandomBlock {
  uint32_t word[4];
};

/// The 128 random bits at counter (`index`, `stream`) under key `seed`.
CRISP_HD inline RandomBlock philox(uint64_t seed, uint64_t stream, uint64_t index) {
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  uint32_t c0 = static_cast<uint32_t>(index), c1 = static_cast<uint32_t>(index >> 32);
  uint32_t c2 = static_cast<uint32_t>(stream), c3 = static_cast<uint32_t>(stream >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = static_cast<uint64_t>(0xD2511F53u) * c0;
    const uint64_t product1 = static_cast<uint64_t>(0xCD9E8D57u) * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ key0;
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ key1;
    c3 = static_cast<uint32_t>(product0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/// 64 random bits.
CRISP_HD inline uint64_t random_bits(uint64_t seed, uint64_t stream, uint64_t index) {
  const RandomBlock block = philox(seed, stream, index);
  return (static_cast<uint64_t>(block.word[1]) << 32) | block.word[0];
}

/// Uniform in [0, 1), a multiple of 2^-53.
CRISP_HD inline double random_uniform(uint64_t seed, uint64_t stream, uint64_t index) {
  return static_cast<double>(random_bits(seed, stream, index) >> 11) * 0x1p-53;
}

/// Uniform integer in [0, bound), bound >= 1. Multiply-shift: the bias is below bound / 2^64.
CRISP_HD inline uint64_t random_below(uint64_t seed, uint64_t stream, uint64_t index, uint64_t bound) {
  const uint64_t bits = random_bits(seed, stream, index);
  const uint64_t low = (bits & 0xffffffffu) * (bound & 0xffffffffu);
  const uint64_t cross1 = (bits >> 32) * (bound & 0xffffffffu);
  const uint64_t cross2 = (bits & 0xffffffffu) * (bound >> 32);
  const uint64_t carry = ((low >> 32) + (cross1 & 0xffffffffu) + (cross2 & 0xffffffffu)) >> 32;
  return (bits >> 32) * (bound >> 32) + (cross1 >> 32) + (cross2 >> 32) + carry;
}

}  // namespace crisp
