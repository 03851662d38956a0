/// What is done with trees that were let in.
#pragma once

#include <limits>
#include <vector>

#include "tests/models/small_trees.h"

namespace crisp {

/// Sends rows of every kind of number down all trees. What is left of a walk that does not end is a timeout.
inline void walk_some_rows(const TreeParts& parts) {
  const float kinds[] = {0, 1, -1, 33, 1e30f, std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> row(static_cast<size_t>(parts.trees.columns));
  for (const float kind : kinds) {
    row.assign(row.size(), kind);
    volatile double kept = sums_of(parts, row.data())[0];
    (void)kept;
  }
}

}  // namespace crisp
