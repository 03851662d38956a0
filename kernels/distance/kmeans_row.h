/// The maths of k-means for one value and one chunk of rows.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/exact_math.h"
#include "cuda/host_device.h"

namespace crisp::kmeans {

constexpr double kLargestValue = 0x1p50;  ///< squares of differences and their sums stay within float
/// Sums over rows are taken in chunks of so many: lane l adds rows l, l + 32, ... of the chunk, lanes are folded by halves
/// and chunks in order.
constexpr int64_t kChunkRows = 1024;
constexpr int kChunkLanes = 32;

/// Adding this to a number below 2^51 leaves the nearest integer in the low bits.
constexpr double kToInteger = 0x1.8p52;

/// A value as a multiple of 1 / factor; |value * factor| < 2^51.
CRISP_HD inline int64_t fixed_value(float value, double factor) {
  const uint64_t bits = double_bits(static_cast<double>(value) * factor + kToInteger);
  return static_cast<int64_t>(bits - double_bits(kToInteger));
}

/// A power of two such that `rows` values up to `largest` add up within 62 bits.
inline double fixed_factor(double largest, int64_t rows) {
  int exponent = 0, row_bits = 0;
  std::frexp(largest, &exponent);  // largest < 2^exponent
  while ((int64_t{1} << row_bits) < rows) ++row_bits;
  const int bits = 62 - row_bits < 50 ? 62 - row_bits : 50;
  return largest == 0 ? 1.0 : std::ldexp(1.0, bits - exponent);
}

CRISP_HD inline float fixed_mean(int64_t sum, int64_t count, double factor) {
  return static_cast<float>(static_cast<double>(sum) / static_cast<double>(count) / factor);
}

}  // namespace crisp::kmeans
