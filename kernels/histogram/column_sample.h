/// Draws of trees and nodes: some of the columns, and the streams that nodes draw by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cuda/random.h"
#include "cuda/shuffle.h"
#include "cuda/view.h"

namespace crisp {

/// round(share * n) of `columns`, one at least, in ascending order: drawn without replacement by the draws of `stream`.
inline std::vector<int32_t> sample_columns(ArrayView<const int32_t> columns, double share, uint64_t seed, uint64_t stream) {
  std::vector<int32_t> chosen(columns.begin(), columns.end());
  if (share >= 1) return chosen;
  const auto count = std::max<size_t>(1, static_cast<size_t>(std::llround(share * static_cast<double>(chosen.size()))));
  shuffle_front(std::span(chosen), count, seed, stream);
  chosen.resize(count);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

/// The stream of a node's child, by the node's.
inline uint64_t child_stream(uint64_t stream, bool right) { return random_bits(stream, 0x74726565u, right); }

}  // namespace crisp
