/// Data to test forests with, and the score and its attribution once more: deliberately naive, in double,
/// from the definition, reading only the stored arrays. No table, no early stop, boxes by looking at every
/// point below.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "cuda/random.h"
#include "kernels/anomaly/random_cut_forest.h"

namespace crisp {

struct ForestRows {
  int64_t rows, columns;
  std::vector<float> values;
  MatrixView<const float> view() const { return {values.data(), rows, columns, columns}; }
};

inline double test_normal(uint64_t seed, uint64_t index) {
  double sum = -6;
  for (uint64_t k = 0; k < 12; ++k) sum += random_uniform(seed, k, index);
  return sum;
}

/// Exponentials of normals, some columns rounded, in units that differ a thousandfold.
inline ForestRows heavy_tailed(int64_t rows, int64_t columns, uint64_t seed) {
  ForestRows out{rows, columns, std::vector<float>(rows * columns)};
  for (int64_t i = 0; i < rows * columns; ++i) {
    const int64_t column = i % columns;
    const double normal = test_normal(seed, i);
    double value = column % 3 == 0 ? std::exp(1.5 * normal) : normal;
    if (column % 5 == 4) value = std::round(value * 2);
    out.values[i] = static_cast<float>(value * std::pow(10.0, static_cast<double>(column % 4) - 1));
  }
  return out;
}

/// Values near a million whose ranges are a few units in the last place.
inline ForestRows far_from_zero(int64_t rows, int64_t columns, uint64_t seed) {
  ForestRows out = heavy_tailed(rows, columns, seed);
  for (float& value : out.values) value = static_cast<float>(1e6 + std::fmod(value, 4.0));
  return out;
}

/// Three values a column: most rows are copies of others.
inline ForestRows duplicates(int64_t rows, int64_t columns, uint64_t seed) {
  ForestRows out{rows, columns, std::vector<float>(rows * columns)};
  for (int64_t i = 0; i < rows * columns; ++i) {
    out.values[i] = static_cast<float>(random_below(seed, 0, i, 3)) - 1.0f;
    if (out.values[i] == 0 && i % 2 == 0) out.values[i] = -0.0f;
  }
  return out;
}

class NaiveForest {
 public:
  explicit NaiveForest(const RandomCutForest& forest) : forest_(forest) {
    int64_t leaf = 0;
    for (int64_t node = 0; node < forest.nodes(); ++node)
      leaf_of_node_.push_back(forest.cut_dimension[node] < 0 ? leaf++ : -1);
    for (int64_t t = 0; t < forest.trees(); ++t) {
      for (int64_t node = forest.tree_begin[t]; node < forest.tree_begin[t + 1]; ++node) {
        boxes_.push_back(box_of(forest.tree_begin[t], node));
      }
    }
  }

  double score(const float* x) const {
    double sum = 0;
    for (int64_t t = 0; t < forest_.trees(); ++t) {
      const int64_t root = forest_.tree_begin[t];
      const double mass = forest_.mass[root];
      sum += std::log2(mass + 1) * below(root, root, 0, x, mass).score;
    }
    return sum / static_cast<double>(forest_.trees());
  }

 private:
  struct Result {
    double score;
    bool seen;
  };

  // The recursion of the definition, read from the root: what the child says, then this box.
  Result below(int64_t root, int64_t node, int depth, const float* x, double tree_mass) const {
    const int32_t dimension = forest_.cut_dimension[node];
    const double mass = forest_.mass[node];
    if (dimension < 0) {
      const float* point = &forest_.leaf_points[leaf_of_node_[node] * forest_.columns];
      bool same = true;
      for (int64_t c = 0; c < forest_.columns; ++c) same = same && point[c] == x[c];
      if (same) return {(1 - mass / (2 * tree_mass)) / (depth + std::log2(mass + 1)), true};
      return {1.0 / (depth + 1), false};
    }
    const int64_t child = x[dimension] <= forest_.cut_value[node] ? node + 1 : root + forest_.right[node];
    const Result inner = below(root, child, depth + 1, x, tree_mass);
    if (inner.seen) return inner;
    double gaps = 0, ranges = 0;
    for (int64_t c = 0; c < forest_.columns; ++c) {
      const auto [low, high] = boxes_[node][c];
      ranges += high - low;
      gaps += std::max(low - x[c], 0.0) + std::max(x[c] - high, 0.0);
    }
    const double p = gaps == 0 ? 0 : gaps / (ranges + gaps);
    return {p / (depth + 1) + (1 - p) * inner.score, false};
  }

  std::vector<std::pair<double, double>> box_of(int64_t root, int64_t node) const {
    std::vector<std::pair<double, double>> box(forest_.columns, {INFINITY, -INFINITY});
    const int64_t first = first_leaf(node), count = leaves_below(root, node);
    for (int64_t i = first * forest_.columns; i < (first + count) * forest_.columns; ++i) {
      auto& [low, high] = box[i % forest_.columns];
      low = std::min<double>(low, forest_.leaf_points[i]);
      high = std::max<double>(high, forest_.leaf_points[i]);
    }
    return box;
  }

  int64_t first_leaf(int64_t node) const {
    while (leaf_of_node_[node] < 0) ++node;
    return leaf_of_node_[node];
  }
  int64_t leaves_below(int64_t root, int64_t node) const {
    if (forest_.cut_dimension[node] < 0) return 1;
    return leaves_below(root, node + 1) + leaves_below(root, root + forest_.right[node]);
  }

  const RandomCutForest& forest_;
  std::vector<int64_t> leaf_of_node_;
  std::vector<std::vector<std::pair<double, double>>> boxes_;
};

}  // namespace crisp
