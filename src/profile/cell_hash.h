/// A 64-bit hash of one cell: equal values hash equally whatever their place, different ones hardly ever (two
/// of ten million with probability 3e-6).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/stable_hash.h"

namespace crisp {

/// The finaliser of SplitMix64: every bit of the input moves every bit of the result.
inline uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

inline uint64_t cell_hash(bool value) { return value ? 2 : 1; }
inline uint64_t cell_hash(int64_t value) { return static_cast<uint64_t>(value); }
inline uint64_t cell_hash(double value) {
  value += 0.0;  // -0 becomes 0
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline uint64_t cell_hash(std::string_view value) { return stable_hash(value); }

}  // namespace crisp
