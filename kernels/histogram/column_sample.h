/// Some of the columns, for a tree or a node.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

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

}  // namespace crisp
