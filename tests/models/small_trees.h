/// Trees small enough to be read, and a walk down them that is too plain to be wrong.
#pragma once

#include <cmath>
#include <vector>

#include "models/trees/tree_model.h"

namespace crisp {

/// Tree 0, of rows (age, kind, size): age <= 37.5 (missing: left) ? (kind in {1, 33} (missing: right) ? 1 : 2)
///                                    : (size <= -0.25 (missing: left) ? 3 : -4.5). Tree 1: a leaf of 0.125.
inline TreeParts small_trees() {
  TreeParts parts;
  Trees& trees = parts.trees;
  trees.columns = 3;
  trees.first = {0, 7, 8};
  trees.feature = {0, 1, 2, -1, -1, -1, -1, -1};
  trees.threshold = {37.5f, 0, -0.25f, 0, 0, 0, 0, 0};
  trees.left = {1, 3, 5, 0, 0, 0, 0, 0};
  trees.right = {2, 4, 6, 0, 0, 0, 0, 0};
  trees.missing_left = {1, 0, 1, 0, 0, 0, 0, 0};
  trees.set = {-1, 0, -1, -1, -1, -1, -1, -1};
  trees.set_first = {0, 2};
  trees.set_bits = {1u << 1, 1u << 1};
  trees.value = {0, 0, 0, 1, 2, 3, -4.5, 0.125};
  trees.cover = {100, 60, 40, 25, 35, 30, 10, 100};
  trees.gain = {9, 4, 2.5f, 0, 0, 0, 0, 0};
  parts.base = {0.5};
  return parts;
}

/// A tree of 2 * depth + 1 nodes: every inner node has a leaf on its left. A row of x reaches the leaf ceil(x) levels down, whose
/// value that is.
inline TreeParts chain_of_trees(int32_t depth) {
  TreeParts parts;
  Trees& trees = parts.trees;
  trees.columns = 1;
  parts.base = {0};
  const auto node = [&](int32_t feature, int32_t level) {
    const auto at = static_cast<int32_t>(trees.feature.size());
    trees.feature.push_back(feature);
    trees.threshold.push_back(feature < 0 ? 0 : static_cast<float>(level));
    trees.left.push_back(feature < 0 ? 0 : at + 1);
    trees.right.push_back(feature < 0 ? 0 : at + 2);
    trees.missing_left.push_back(0);
    trees.set.push_back(-1);
    trees.value.push_back(feature < 0 ? level : 0);
    trees.cover.push_back(1);
    trees.gain.push_back(0);
  };
  for (int32_t level = 0; level < depth; ++level) node(0, level), node(-1, level);
  node(-1, depth);
  trees.first.push_back(static_cast<int64_t>(trees.feature.size()));
  return parts;
}

inline int64_t leaf_of(const TreesView& trees, int64_t tree, const float* row) {
  int64_t at = trees.first[tree];
  while (trees.feature[at] >= 0) {
    const float x = row[trees.feature[at]];
    bool left = x <= trees.threshold[at];
    if (const int32_t set = trees.set[at]; set >= 0) {
      const int64_t code = x >= 0 && x < 1e6f ? static_cast<int64_t>(x) : -1, words = trees.set_first[set + 1] - trees.set_first[set];
      left = code >= 0 && code / 32 < words && (trees.set_bits[trees.set_first[set] + code / 32] >> (code % 32) & 1) != 0;
    }
    if (std::isnan(x)) left = trees.missing_left[at] != 0;
    at = trees.first[tree] + (left ? trees.left[at] : trees.right[at]);
  }
  return at;
}

/// base + scale * (sum of the leaves), of one row.
inline std::vector<double> sums_of(const TreeParts& parts, const float* row) {
  const TreesView trees = parts.trees.view();
  std::vector<double> sums(parts.base.size());
  for (int64_t tree = 0; tree < trees.trees(); ++tree) {
    const int64_t leaf = leaf_of(trees, tree, row);
    for (int64_t k = 0; k < trees.values_of_node(); ++k) {
      sums[static_cast<size_t>(trees.vector_leaves ? k : tree % trees.outputs)] += trees.value[leaf * trees.values_of_node() + k];
    }
  }
  for (size_t k = 0; k < sums.size(); ++k) sums[k] = parts.base[k] + parts.scale * sums[k];
  return sums;
}

}  // namespace crisp
