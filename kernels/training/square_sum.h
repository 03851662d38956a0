/// The order of a sum of squares, on every engine: pieces one after the other; within a piece element i belongs to lane
/// i % kSquareLanes, whose elements are added one after the other; four neighbouring lanes are one thread's, added as
/// (0 + 1) + (2 + 3); 32 neighbouring threads are added by halves, and those sums one after the other.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace crisp {

constexpr int64_t kSquarePiece = 1 << 13;
constexpr int kSquareThreads = 256;
constexpr int kSquareLanes = 4 * kSquareThreads;

constexpr int64_t square_pieces(int64_t size) { return (size + kSquarePiece - 1) / kSquarePiece; }

CRISP_HD inline double joined_lanes(const double* lane) { return (lane[0] + lane[1]) + (lane[2] + lane[3]); }

}  // namespace crisp
