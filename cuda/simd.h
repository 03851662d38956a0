/// Sixteen floats at once, written once for every instruction set: one register of AVX-512, two of AVX2, four
/// of SSE or NEON. Operations are IEEE single precision lane by lane, so every instruction set gives the same
/// bits. All of it has internal linkage: a file compiled for AVX-512 must not leave its copy of an inline
/// function to others.
#pragma once

#include <cstdint>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12's own AVX-512 header: _mm512_undefined_ps()
#endif

namespace crisp {
namespace {

inline constexpr int kLanes = 16;

#if defined(__AVX512F__)
using Register = __m512;
inline Register load_register(const float* p) { return _mm512_loadu_ps(p); }
inline void store_register(float* p, Register a) { _mm512_storeu_ps(p, a); }
inline Register all_of(float a) { return _mm512_set1_ps(a); }
inline Register register_max(Register a, Register b) { return _mm512_max_ps(a, b); }
inline Register register_min(Register a, Register b) { return _mm512_min_ps(a, b); }
inline Register register_abs(Register a) { return _mm512_abs_ps(a); }
inline uint32_t not_equal(Register a, Register b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
/// Four floats from each of four rows, 4 lanes apart: the quarters of a register.
inline Register load_quarters(const float* const* row, int64_t c) {
  const __m512 one = _mm512_castps128_ps512(_mm_loadu_ps(row[0] + c));
  const __m512 two = _mm512_insertf32x4(one, _mm_loadu_ps(row[4] + c), 1);
  return _mm512_insertf32x4(_mm512_insertf32x4(two, _mm_loadu_ps(row[8] + c), 2), _mm_loadu_ps(row[12] + c),
                            3);
}
inline Register unpack_low(Register a, Register b) { return _mm512_unpacklo_ps(a, b); }
inline Register unpack_high(Register a, Register b) { return _mm512_unpackhi_ps(a, b); }
inline Register low_pairs(Register a, Register b) { return _mm512_shuffle_ps(a, b, 0x44); }
inline Register high_pairs(Register a, Register b) { return _mm512_shuffle_ps(a, b, 0xee); }
#elif defined(__AVX2__)
using Register = __m256;
inline Register load_register(const float* p) { return _mm256_loadu_ps(p); }
inline void store_register(float* p, Register a) { _mm256_storeu_ps(p, a); }
inline Register all_of(float a) { return _mm256_set1_ps(a); }
inline Register register_max(Register a, Register b) { return _mm256_max_ps(a, b); }
inline Register register_min(Register a, Register b) { return _mm256_min_ps(a, b); }
inline Register register_abs(Register a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
inline uint32_t not_equal(Register a, Register b) {
  return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NEQ_UQ));
}
inline Register load_quarters(const float* const* row, int64_t c) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(row[0] + c)), _mm_loadu_ps(row[4] + c), 1);
}
inline Register unpack_low(Register a, Register b) { return _mm256_unpacklo_ps(a, b); }
inline Register unpack_high(Register a, Register b) { return _mm256_unpackhi_ps(a, b); }
inline Register low_pairs(Register a, Register b) { return _mm256_shuffle_ps(a, b, 0x44); }
inline Register high_pairs(Register a, Register b) { return _mm256_shuffle_ps(a, b, 0xee); }
#elif defined(__SSE2__)
using Register = __m128;
inline Register load_register(const float* p) { return _mm_loadu_ps(p); }
inline void store_register(float* p, Register a) { _mm_storeu_ps(p, a); }
inline Register all_of(float a) { return _mm_set1_ps(a); }
inline Register register_max(Register a, Register b) { return _mm_max_ps(a, b); }
inline Register register_min(Register a, Register b) { return _mm_min_ps(a, b); }
inline Register register_abs(Register a) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), a); }
inline uint32_t not_equal(Register a, Register b) { return _mm_movemask_ps(_mm_cmpneq_ps(a, b)); }
inline Register load_quarters(const float* const* row, int64_t c) { return _mm_loadu_ps(row[0] + c); }
inline Register unpack_low(Register a, Register b) { return _mm_unpacklo_ps(a, b); }
inline Register unpack_high(Register a, Register b) { return _mm_unpackhi_ps(a, b); }
inline Register low_pairs(Register a, Register b) { return _mm_shuffle_ps(a, b, 0x44); }
inline Register high_pairs(Register a, Register b) { return _mm_shuffle_ps(a, b, 0xee); }
#elif defined(__ARM_NEON)
using Register = float32x4_t;
inline Register load_register(const float* p) { return vld1q_f32(p); }
inline void store_register(float* p, Register a) { vst1q_f32(p, a); }
inline Register all_of(float a) { return vdupq_n_f32(a); }
inline Register register_max(Register a, Register b) { return vmaxq_f32(a, b); }
inline Register register_min(Register a, Register b) { return vminq_f32(a, b); }
inline Register register_abs(Register a) { return vabsq_f32(a); }
inline uint32_t not_equal(Register a, Register b) {
  const uint32x4_t equal = vceqq_f32(a, b);
  return !vgetq_lane_u32(equal, 0) | !vgetq_lane_u32(equal, 1) << 1 | !vgetq_lane_u32(equal, 2) << 2 |
         !vgetq_lane_u32(equal, 3) << 3;
}
inline Register load_quarters(const float* const* row, int64_t c) { return vld1q_f32(row[0] + c); }
inline Register unpack_low(Register a, Register b) { return vzip1q_f32(a, b); }
inline Register unpack_high(Register a, Register b) { return vzip2q_f32(a, b); }
inline Register low_pairs(Register a, Register b) { return vcombine_f32(vget_low_f32(a), vget_low_f32(b)); }
inline Register high_pairs(Register a, Register b) {
  return vcombine_f32(vget_high_f32(a), vget_high_f32(b));
}
#else
using Register = float;
inline Register load_register(const float* p) { return *p; }
inline void store_register(float* p, Register a) { *p = a; }
inline Register all_of(float a) { return a; }
inline Register register_max(Register a, Register b) { return a > b ? a : b; }
inline Register register_min(Register a, Register b) { return a < b ? a : b; }
inline Register register_abs(Register a) { return a < 0 ? 0 - a : a; }
inline uint32_t not_equal(Register a, Register b) { return a != b; }
#endif

inline constexpr int kRegisterLanes = sizeof(Register) / sizeof(float);

/// `Size` floats in as many registers as that takes.
template <int Size>
struct Floats {
  static constexpr int kRegisters = Size / kRegisterLanes;
  Register part[kRegisters];

  static Floats load(const float* p) {
    Floats out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = load_register(p + i * kRegisterLanes);
    return out;
  }
  static Floats all(float value) {
    Floats out;
    for (int i = 0; i < kRegisters; ++i) out.part[i] = all_of(value);
    return out;
  }
  void store(float* p) const {
    for (int i = 0; i < kRegisters; ++i) store_register(p + i * kRegisterLanes, part[i]);
  }
};

#define CRISP_SIMD_BINARY(function, expression)                                \
  template <int Size>                                                          \
  inline Floats<Size> function(const Floats<Size>& a, const Floats<Size>& b) { \
    Floats<Size> out;                                                          \
    for (int i = 0; i < Floats<Size>::kRegisters; ++i) {                       \
      const Register x = a.part[i], y = b.part[i];                             \
      out.part[i] = expression;                                                \
    }                                                                          \
    return out;                                                                \
  }
CRISP_SIMD_BINARY(operator+, x + y)
CRISP_SIMD_BINARY(operator-, x - y)
CRISP_SIMD_BINARY(operator*, x* y)
CRISP_SIMD_BINARY(operator/, x / y)
CRISP_SIMD_BINARY(max_of, register_max(x, y))
CRISP_SIMD_BINARY(min_of, register_min(x, y))
#undef CRISP_SIMD_BINARY

template <int Size>
inline Floats<Size> abs_of(const Floats<Size>& a) {
  Floats<Size> out;
  for (int i = 0; i < Floats<Size>::kRegisters; ++i) out.part[i] = register_abs(a.part[i]);
  return out;
}

/// A bit per lane where a != b.
template <int Size>
inline uint32_t differing(const Floats<Size>& a, const Floats<Size>& b) {
  uint32_t bits = 0;
  for (int i = 0; i < Floats<Size>::kRegisters; ++i)
    bits |= not_equal(a.part[i], b.part[i]) << (i * kRegisterLanes);
  return bits;
}

/// Whether any lane is not 0; for lanes that are not negative.
template <int Size>
inline bool any_positive(const Floats<Size>& a) {
  Register largest = a.part[0];
  for (int i = 1; i < Floats<Size>::kRegisters; ++i) largest = register_max(largest, a.part[i]);
  return not_equal(largest, all_of(0.0f)) != 0;
}

/// Columns c ... c + 3 of sixteen rows: to[16 * k + lane] = row[lane][c + k].
inline void transpose_quad(const float* const* row, int64_t c, float* to) {
#if defined(__SSE2__) || defined(__ARM_NEON)
  // Register q of a quarter-load holds rows q, q + 4, ... in its quarters; each quarter is then a 4 x 4 to
  // transpose.
  for (int first = 0; first < kLanes; first += kRegisterLanes) {
    const Register a = load_quarters(row + first, c), b = load_quarters(row + first + 1, c);
    const Register d = load_quarters(row + first + 2, c), e = load_quarters(row + first + 3, c);
    const Register ab_low = unpack_low(a, b), ab_high = unpack_high(a, b);
    const Register de_low = unpack_low(d, e), de_high = unpack_high(d, e);
    store_register(to + first, low_pairs(ab_low, de_low));
    store_register(to + kLanes + first, high_pairs(ab_low, de_low));
    store_register(to + 2 * kLanes + first, low_pairs(ab_high, de_high));
    store_register(to + 3 * kLanes + first, high_pairs(ab_high, de_high));
  }
#else
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int k = 0; k < 4; ++k) to[k * kLanes + lane] = row[lane][c + k];
  }
#endif
}

}  // namespace
}  // namespace crisp
