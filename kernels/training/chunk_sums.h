/// The order in which sums over the rows of a batch are made, on every engine: kSumChunk rows one after the other, from 0,
/// then the chunks one after the other, from 0. A GPU has a thread for every chunk and column, and float sums still repeat bit
/// for bit. 64: a batch of 4,096 rows x 256 columns gives 16,384 threads with 64 additions each, then 64 more to join.
#pragma once

#include <cstdint>

namespace crisp {

constexpr int64_t kSumChunk = 64;

constexpr int64_t sum_chunks(int64_t rows) { return (rows + kSumChunk - 1) / kSumChunk; }

}  // namespace crisp
