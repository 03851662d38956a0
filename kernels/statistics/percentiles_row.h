/// Floats as integers of the same order, and the bins of a histogram.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/host_device.h"

namespace crisp {

/// Integers that compare as the floats do (-0 just below +0): the sign bit is flipped for positive numbers,
/// all bits for negative ones.
CRISP_HD inline uint32_t ordered_key(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((bits >> 31) != 0 ? 0xffffffffu : 0x80000000u);
}

CRISP_HD inline float value_of_key(uint32_t key) {
  const uint32_t bits = key ^ ((key >> 31) != 0 ? 0x80000000u : 0xffffffffu);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// A key is read in three digits of 11, 11 and 10 bits, from the top.
constexpr int kKeyDigits = 3;
constexpr uint32_t kDigitValues = 2048;

CRISP_HD inline uint32_t key_digit(uint32_t key, int digit) {
  return digit == 0 ? key >> 21 : digit == 1 ? (key >> 10) & 2047u : key & 1023u;
}

/// The bin of `value` among `bins` equal ones from low to high (which belongs to the last); -1 outside and
/// for NaN.
CRISP_HD inline int64_t histogram_bin(double value, double low, double high, int64_t bins) {
  if (!(value >= low && value <= high)) return -1;
  const int64_t bin = static_cast<int64_t>((value - low) / (high - low) * static_cast<double>(bins));
  return bin < bins ? bin : bins - 1;
}

}  // namespace crisp
