/// exp, log, sigmoid and tanh in single precision from + - * / and bit operations, without branches, so that the compiler
/// makes vectors of them and every engine gives the same bits. Polynomials as in Cephes' expf, logf and tanhf (S. Moshier);
/// relative error below 3e-7 where the result is normal.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/host_device.h"

namespace crisp {

CRISP_HD inline float float_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CRISP_HD inline uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

CRISP_HD inline float float_abs(float x) { return float_from_bits(float_bits(x) & 0x7fffffffu); }

/// 0 below -87.68 and infinity above 88.37 (the exponents of both fall out of the bits by themselves); NaN stays.
CRISP_HD inline float float_exp(float x) {
  x = x < -88.0f ? -88.0f : x;
  x = x > 88.7f ? 88.7f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number in the low bits
  const float shifted = x * 1.44269504088896341f + kRound;
  const float whole = shifted - kRound;
  const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  return p * float_from_bits((float_bits(shifted) - float_bits(kRound) + 127) << 23);
}

/// For normal x > 0. Others give some number.
CRISP_HD inline float float_log(float x) {
  const uint32_t bits = float_bits(x) + (0x3f800000u - 0x3f3504f3u);  // the exponent steps at sqrt(2)
  const float exponent = static_cast<float>(static_cast<int32_t>(bits >> 23) - 127);
  const float f = float_from_bits((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  const float z = f * f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  return (p * z * f + exponent * -2.12194440e-4f - 0.5f * z + f) + exponent * 0.693359375f;
}

CRISP_HD inline float float_sigmoid(float x) { return 1.0f / (1.0f + float_exp(-x)); }

CRISP_HD inline float float_tanh(float x) {
  const float size = float_abs(x);
  const float far = 1.0f - 2.0f / (float_exp(2.0f * size) + 1.0f);
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float near = p * z * x + x;
  return size < 0.625f ? near : (x < 0 ? -far : far);
}

/// log(1 + exp(x)) without overflow.
CRISP_HD inline float float_softplus(float x) {
  const float size = float_abs(x);
  return (x > 0 ? x : 0.0f) + float_log(1.0f + float_exp(-size));
}

}  // namespace crisp
