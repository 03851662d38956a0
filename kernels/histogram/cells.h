/// Sums of gradients in integers: what a row adds, and the cells it is added to. Integers add up to the same sum in any order, so trees
/// do not depend on threads, engines or processes.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

inline constexpr int kMostQuanta = 1023;         ///< of a gradient (either sign) or a hessian of one row, of large tables
inline constexpr int kFinestQuanta = 16383;      ///< of small ones, where a quantum is a larger part of what a few rows say
inline constexpr int64_t kPackedRows = 16384;    ///< rows of kMostQuanta that a packed cell has room for

/// As many as leave room for the whole table in a packed cell.
inline int quanta_for(int64_t rows) {
  int quanta = kMostQuanta;
  while (quanta < kFinestQuanta && rows * (2 * quanta + 2) <= kPackedRows * (kMostQuanta + 1)) quanta = 2 * quanta + 1;
  return quanta;
}

/// A row's gradient and hessian in quanta of the round: the gradient in the upper half, signed.
CRISP_HD inline uint32_t gradient_word(int32_t g, int32_t h) { return static_cast<uint32_t>(g) << 16 | static_cast<uint32_t>(h); }

/// What such a word adds to a packed cell: 25 bits of gradients, signed, 24 of hessians, 15 of rows. The lower two never overflow within
/// kPackedRows rows of kMostQuanta, nor within a small table of quanta_for() it, so the upper one is exact too.
CRISP_HD inline uint64_t cell_of_word(uint32_t word) {
  const auto g = static_cast<int64_t>(static_cast<int32_t>(word) >> 16);
  return (static_cast<uint64_t>(g) << 39) + (static_cast<uint64_t>(word & 0xffffu) << 15) + 1u;
}

/// Sums over rows: gradients and hessians in quanta.
struct Sums {
  int64_t g = 0, h = 0, rows = 0;

  CRISP_HD Sums& operator+=(const Sums& other) {
    g += other.g;
    h += other.h;
    rows += other.rows;
    return *this;
  }
  CRISP_HD Sums& operator-=(const Sums& other) {
    g -= other.g;
    h -= other.h;
    rows -= other.rows;
    return *this;
  }
  CRISP_HD friend Sums operator+(Sums a, const Sums& b) { return a += b; }
  CRISP_HD friend Sums operator-(Sums a, const Sums& b) { return a -= b; }
  CRISP_HD friend bool operator==(const Sums&, const Sums&) = default;
};

CRISP_HD inline Sums unpack(uint64_t cell) {
  return {static_cast<int64_t>(cell) >> 39, static_cast<int64_t>(cell >> 15 & 0xffffffu), static_cast<int64_t>(cell & 0x7fffu)};
}

/// Sums of at most kPackedRows rows.
CRISP_HD inline uint64_t pack(const Sums& sums) {
  return (static_cast<uint64_t>(sums.g) << 39) + (static_cast<uint64_t>(sums.h) << 15) + static_cast<uint64_t>(sums.rows);
}

}  // namespace crisp
