/// Floats as integers of the same order, and the bins of a histogram.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/host_device.h"

namespace crisp {

/// How a type of floating point is searched: its bits as an unsigned integer, read in digits of 11 bits from the top; the
/// last digit has what is left.
template <class T>
struct KeyOf;
template <>
struct KeyOf<float> {
  using Type = uint32_t;
  static constexpr int kBits = 32, kDigits = 3;
};
template <>
struct KeyOf<double> {
  using Type = uint64_t;
  static constexpr int kBits = 64, kDigits = 6;
};
constexpr int kDigitBits = 11;
constexpr uint32_t kDigitValues = 1u << kDigitBits;

/// Integers that compare as the floats do (-0 just below +0): the sign bit is flipped for positive numbers,
/// all bits for negative ones.
template <class T>
CRISP_HD inline typename KeyOf<T>::Type ordered_key(T value) {
  using Key = typename KeyOf<T>::Type;
  constexpr Key kSign = Key{1} << (KeyOf<T>::kBits - 1);
  Key bits;
  memcpy(&bits, &value, sizeof bits);
  return bits ^ ((bits & kSign) != 0 ? ~Key{0} : kSign);
}

template <class T>
CRISP_HD inline T value_of_key(typename KeyOf<T>::Type key) {
  using Key = typename KeyOf<T>::Type;
  constexpr Key kSign = Key{1} << (KeyOf<T>::kBits - 1);
  const Key bits = key ^ ((key & kSign) != 0 ? kSign : ~Key{0});
  T value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Bits of the key behind digit `digit`.
template <class T>
CRISP_HD constexpr int bits_behind(int digit) {
  const int bits = KeyOf<T>::kBits - kDigitBits * (digit + 1);
  return bits > 0 ? bits : 0;
}

template <class T>
CRISP_HD inline uint32_t key_digit(typename KeyOf<T>::Type key, int digit) {
  constexpr int kLast = KeyOf<T>::kBits - kDigitBits * (KeyOf<T>::kDigits - 1);
  const uint32_t mask = digit == KeyOf<T>::kDigits - 1 ? (1u << kLast) - 1 : kDigitValues - 1;
  return static_cast<uint32_t>(key >> bits_behind<T>(digit)) & mask;
}

/// The bin of `value` among `bins` equal ones from low to high (which belongs to the last); -1 outside and
/// for NaN.
CRISP_HD inline int64_t histogram_bin(double value, double low, double high, int64_t bins) {
  if (!(value >= low && value <= high)) return -1;
  const int64_t bin = static_cast<int64_t>((value - low) / (high - low) * static_cast<double>(bins));
  return bin < bins ? bin : bins - 1;
}

}  // namespace crisp
