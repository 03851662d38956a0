/// Rows shared out among nodes, for the tests of what works on many nodes at once.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda/shuffle.h"
#include "kernels/histogram/nodes_gpu.h"

namespace crisp {

inline std::vector<uint32_t> shuffled(int64_t rows, uint64_t seed) {
  std::vector<uint32_t> index(static_cast<size_t>(rows));
  std::iota(index.begin(), index.end(), 0u);
  shuffle(std::span(index), seed, 3);
  return index;
}

/// Parts of different sizes, some empty, that together are [0, rows).
inline std::vector<gpu::NodeRows> parts_of(int64_t rows, std::vector<int64_t> sizes) {
  std::vector<gpu::NodeRows> parts;
  int64_t begin = 0;
  for (const int64_t size : sizes) {
    parts.push_back({begin, std::min(size, rows - begin)});
    begin += parts.back().rows;
  }
  parts.push_back({begin, rows - begin});
  return parts;
}

}  // namespace crisp
