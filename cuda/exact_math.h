/// exp, expm1, log, log1p and log2 in double from + - * / and bit operations alone. The C library picks other code per CPU
/// (FMA or not) and CUDA has its own, so their last bits differ; these give the same bits on every engine.
/// Error below 1 ulp where the result is normal (expm1 and log1p: 2 ulp); special values as in <cmath>. Series: J.-M. Muller,
/// "Elementary Functions", 3rd ed., ch. 5 and 11 (argument reduction, atanh form of the logarithm).
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/host_device.h"

namespace crisp {

CRISP_HD inline uint64_t double_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CRISP_HD inline double double_from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

namespace exact {

inline constexpr uint64_t kInfinityBits = 0x7ff0000000000000u;
inline constexpr uint64_t kNanBits = 0x7ff8000000000000u;
// ln 2 in two parts; the first has 33 bits, so that its product with an exponent (11 bits) is exact.
inline constexpr double kLn2High = 0x1.62e42fee00000p-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
inline constexpr double kInverseLn2 = 0x1.71547652b82fep+0;

/// x = 2^exponent * (1 + fraction), with 1 + fraction in [sqrt(1/2), sqrt(2)).
struct Reduced {
  int exponent;
  double fraction;
};

/// For positive finite x.
CRISP_HD inline Reduced reduce(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) {  // subnormal: scaled into the normal range, where the bits have the usual meaning
    x *= 0x1p54;
    exponent = -54;
  }
  uint64_t bits = double_bits(x);
  // Adding the distance from sqrt(1/2) to 1 makes the exponent field step at sqrt(2) instead of at 2.
  bits += 0x3ff0000000000000u - 0x3fe6a09e667f3bcdu;
  exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  return {exponent, double_from_bits(bits) - 1.0};
}

/// log(1 + f) = f - f^2/2 + correction(f): with s = f/(2+f), log(1+f) = 2 atanh(s) = 2s + 2s^3/3 + 2s^5/5 +
/// ...
CRISP_HD inline double log_correction(double f) {
  const double s = f / (2.0 + f), z = s * s;
  double series = 2.0 / 23;
  series = series * z + 2.0 / 21;
  series = series * z + 2.0 / 19;
  series = series * z + 2.0 / 17;
  series = series * z + 2.0 / 15;
  series = series * z + 2.0 / 13;
  series = series * z + 2.0 / 11;
  series = series * z + 2.0 / 9;
  series = series * z + 2.0 / 7;
  series = series * z + 2.0 / 5;
  series = series * z + 2.0 / 3;
  return s * (0.5 * f * f + series * z);
}

/// What log and log2 give without arithmetic: NaN, infinity, zero, negative. False where x is positive and
/// finite.
CRISP_HD inline bool log_special(double x, double* result) {
  if (x > 0 && double_bits(x) < kInfinityBits) return false;
  if (x == 0) {
    *result = -double_from_bits(kInfinityBits);
  } else {
    *result = x > 0 ? x : double_from_bits(kNanBits);
  }
  return true;
}

CRISP_HD inline double power_of_two(int exponent) {
  return double_from_bits(static_cast<uint64_t>(exponent + 1023) << 52);
}

/// x = exponent * ln 2 + r with |r| <= ln 2 / 2, and grown = e^r - 1, by its series. |x| below 746.
struct Growth {
  int exponent;
  double grown;
};

CRISP_HD inline Growth growth(double x) {
  const double shifted = x * kInverseLn2 + 0x1.8p52;  // rounds to an integer in the low bits
  const double k = shifted - 0x1.8p52;
  const double high = x - k * kLn2High, low = k * kLn2Low;
  const double r = high - low;
  double series = 1.0 / 6227020800;  // r^2/2! + r^3/3! + ... + r^13/13!
  series = series * r + 1.0 / 479001600;
  series = series * r + 1.0 / 39916800;
  series = series * r + 1.0 / 3628800;
  series = series * r + 1.0 / 362880;
  series = series * r + 1.0 / 40320;
  series = series * r + 1.0 / 5040;
  series = series * r + 1.0 / 720;
  series = series * r + 1.0 / 120;
  series = series * r + 1.0 / 24;
  series = series * r + 1.0 / 6;
  series = series * r + 0.5;
  const double residue = (high - r) - low;  // what rounding took from r
  return {static_cast<int>(k), r + (series * r * r + residue)};
}

}  // namespace exact

CRISP_HD inline double exact_log(double x) {
  double special;
  if (exact::log_special(x, &special)) return special;
  const exact::Reduced r = exact::reduce(x);
  const double f = r.fraction, k = r.exponent;
  const double tail = exact::log_correction(f) + k * exact::kLn2Low;
  return k * exact::kLn2High - ((0.5 * f * f - tail) - f);
}

CRISP_HD inline double exact_log2(double x) {
  double special;
  if (exact::log_special(x, &special)) return special;
  const exact::Reduced r = exact::reduce(x);
  const double f = r.fraction, half_square = 0.5 * f * f;
  // The leading part keeps 32 bits, so that its product with the first part of 1/ln 2 (21 bits) is exact.
  const double high = double_from_bits(double_bits(f - half_square) & 0xffffffff00000000u);
  const double low = ((f - high) - half_square) + exact::log_correction(f);
  constexpr double kInverseHigh = 0x1.71547p+0, kInverseLow = 0x1.94ae0bf85ddf4p-22;
  const double leading = high * kInverseHigh, k = r.exponent;
  const double sum = k + leading;
  const double lost = (k - sum) + leading;  // exact where |k| >= |leading| or k == 0
  return sum + (lost + ((low + high) * kInverseLow + low * kInverseHigh));
}

/// log(1 + x) without losing a small x: what rounding took from 1 + x is added to first order.
CRISP_HD inline double exact_log1p(double x) {
  const double u = 1.0 + x;
  double special;
  if (exact::log_special(u, &special)) return special;
  if (u == 1.0) return x;
  const double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
  return exact_log(u) + lost / u;
}

CRISP_HD inline double exact_exp(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return double_from_bits(exact::kInfinityBits);
  if (x < -745.1332191019412) return 0.0;
  const exact::Growth growth = exact::growth(x);
  const double value = 1.0 + growth.grown;
  const int exponent = growth.exponent;
  if (exponent >= -1021 && exponent <= 1023) return value * exact::power_of_two(exponent);
  const int half = exponent / 2;  // near the ends of the range the power itself is out of range
  return value * exact::power_of_two(half) * exact::power_of_two(exponent - half);
}

/// e^x - 1 without losing a small x.
CRISP_HD inline double exact_expm1(double x) {
  if (x == 0.0) return x;
  if (x < -40.0) return -1.0;
  if (!(x < 40.0)) return exact_exp(x);  // 1 is less than half of the last bit
  const exact::Growth growth = exact::growth(x);
  const double power = exact::power_of_two(growth.exponent);
  return power * growth.grown + (power - 1.0);
}

}  // namespace crisp
