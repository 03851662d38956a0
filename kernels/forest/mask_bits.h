/// A bit for each of the 512 rows of a block, in the registers of every instruction set. Internal linkage, as in cuda/simd.h.
#pragma once

#include "cuda/simd.h"
#include "kernels/forest/mask_engine.h"

namespace crisp::forest {
namespace {

/// Two registers also where there are wider ones: on Zen 4 a store of 64 bytes takes twice as long as two of 32.
struct Bits {
#if defined(__AVX2__)
  __m256i part[2];
  static Bits load(const uint64_t* p) {
    return {{_mm256_load_si256(reinterpret_cast<const __m256i*>(p)), _mm256_load_si256(reinterpret_cast<const __m256i*>(p + 4))}};
  }
  void store(uint64_t* p) const {
    _mm256_store_si256(reinterpret_cast<__m256i*>(p), part[0]);
    _mm256_store_si256(reinterpret_cast<__m256i*>(p + 4), part[1]);
  }
  friend Bits operator|(const Bits& a, const Bits& b) {
    return {{_mm256_or_si256(a.part[0], b.part[0]), _mm256_or_si256(a.part[1], b.part[1])}};
  }
  static Bits without(const Bits& a, const Bits& b) {
    return {{_mm256_andnot_si256(b.part[0], a.part[0]), _mm256_andnot_si256(b.part[1], a.part[1])}};
  }
  static Bits choose(const Bits& mask, const Bits& zero, const Bits& one) {
    return {{choose(mask.part[0], zero.part[0], one.part[0]), choose(mask.part[1], zero.part[1], one.part[1])}};
  }
  static __m256i choose(__m256i mask, __m256i zero, __m256i one) {
#if defined(__AVX512VL__)
    return _mm256_ternarylogic_epi64(mask, one, zero, 0xca);
#else
    return _mm256_or_si256(_mm256_and_si256(mask, one), _mm256_andnot_si256(mask, zero));
#endif
  }
#else
  uint64_t word[kMaskWords];
  static Bits load(const uint64_t* p) {
    Bits out;
    for (int w = 0; w < kMaskWords; ++w) out.word[w] = p[w];
    return out;
  }
  void store(uint64_t* p) const {
    for (int w = 0; w < kMaskWords; ++w) p[w] = word[w];
  }
  friend Bits operator|(const Bits& a, const Bits& b) {
    Bits out;
    for (int w = 0; w < kMaskWords; ++w) out.word[w] = a.word[w] | b.word[w];
    return out;
  }
  static Bits without(const Bits& a, const Bits& b) {
    Bits out;
    for (int w = 0; w < kMaskWords; ++w) out.word[w] = a.word[w] & ~b.word[w];
    return out;
  }
  static Bits choose(const Bits& mask, const Bits& zero, const Bits& one) {
    Bits out;
    for (int w = 0; w < kMaskWords; ++w) out.word[w] = (mask.word[w] & one.word[w]) | (~mask.word[w] & zero.word[w]);
    return out;
  }
#endif
};

}  // namespace
}  // namespace crisp::forest
