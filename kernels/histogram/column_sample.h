/// Some of the columns, for a tree or a node.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "cuda/random.h"
#include "cuda/view.h"

namespace crisp {

/// round(share * n) of `columns`, one at least, in ascending order: drawn without replacement (Fisher-Yates) by the draws of `stream`.
inline std::vector<int32_t> sample_columns(ArrayView<const int32_t> columns, double share, uint64_t seed, uint64_t stream) {
  std::vector<int32_t> chosen(columns.begin(), columns.end());
  if (share >= 1) return chosen;
  const auto count = std::max<size_t>(1, static_cast<size_t>(std::llround(share * static_cast<double>(chosen.size()))));
  for (size_t k = 0; k < count; ++k) std::swap(chosen[k], chosen[k + random_below(seed, stream, k, chosen.size() - k)]);
  chosen.resize(count);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace crisp
