/// Trees with everything that there is, and rows that go everywhere in them.
#pragma once

#include <limits>

#include "cuda/random.h"
#include "tests/models/small_trees.h"

namespace crisp {

/// Twelve trees of five columns, grown breadth first; the last column is one of codes if there are sets.
inline TreeParts random_trees(bool vector_leaves, int64_t outputs, uint64_t seed, bool with_sets) {
  uint64_t drawn = 0;
  const auto below = [&](uint64_t bound) { return static_cast<int32_t>(random_below(seed, 0, drawn++, bound)); };
  TreeParts parts;
  Trees& trees = parts.trees;
  trees.columns = 5, trees.outputs = outputs, trees.vector_leaves = vector_leaves;
  for (int64_t k = 0; k < outputs; ++k) parts.base.push_back(0.1 * static_cast<double>(k));
  for (int t = 0; t < 12; ++t) {
    int32_t nodes = 1;
    for (int32_t node = 0; node < nodes; ++node) {
      const bool inner = nodes < 60 && (node == 0 || below(4) > 0);
      trees.feature.push_back(inner ? below(5) : -1);
      const bool set = inner && with_sets && trees.feature.back() == 4;
      trees.threshold.push_back(inner && !set ? 0.25f * static_cast<float>(below(40)) : 0);
      trees.left.push_back(inner ? nodes : 0);
      trees.right.push_back(inner ? nodes + 1 : 0);
      trees.missing_left.push_back(static_cast<uint8_t>(inner ? below(2) : 0));
      trees.set.push_back(set ? static_cast<int32_t>(trees.set_first.size()) - 1 : -1);
      if (set) {
        for (int32_t words = 1 + below(2); words > 0; --words) trees.set_bits.push_back(static_cast<uint32_t>(below(1u << 31)));
        trees.set_first.push_back(static_cast<int64_t>(trees.set_bits.size()));
      }
      for (int64_t k = 0; k < (vector_leaves ? outputs : 1); ++k) trees.value.push_back(inner ? 0 : 0.001 * below(1000) - 0.5);
      trees.cover.push_back(static_cast<float>(1 + below(9)));
      trees.gain.push_back(inner ? static_cast<float>(below(9)) : 0);
      nodes += inner ? 2 : 0;
    }
    trees.first.push_back(trees.first.back() + nodes);
  }
  return parts;
}

inline std::vector<float> random_rows(int64_t count) {
  std::vector<float> rows;
  for (int64_t i = 0; i < count * 5; ++i) {
    const auto draw = static_cast<float>(random_below(7, 1, static_cast<uint64_t>(i), 44));
    rows.push_back(draw > 40 ? std::numeric_limits<float>::quiet_NaN() : i % 5 == 4 ? 2 * draw - 4 : 0.25f * draw);
  }
  return rows;
}

}  // namespace crisp
