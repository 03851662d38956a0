/// Trees and rows for the tests of kernels/forest, and the contract of trees.h followed literally, one row at a time.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "cuda/random.h"
#include "kernels/forest/trees.h"

namespace crisp {

/// Draws one after the other.
class Draws {
 public:
  explicit Draws(uint64_t seed) : seed_(seed) {}
  int64_t below(int64_t bound) { return static_cast<int64_t>(random_below(seed_, 0, next_++, static_cast<uint64_t>(bound))); }
  float uniform(float low, float high) { return low + (high - low) * static_cast<float>(random_uniform(seed_, 0, next_++)); }

 private:
  uint64_t seed_, next_ = 0;
};

struct TreeShape {
  int64_t columns = 5, outputs = 1, trees = 10, leaves = 20;
  bool vector_leaves = false, single = false;
  int set_share = 0;          ///< of ten splits
  float lean = 0.5f;          ///< 1: the leaf grown last is always split again, a chain
  int64_t thresholds = 1000;  ///< distinct ones a column
};

inline void add_node(Trees& trees, float cover) {
  trees.feature.push_back(-1);
  trees.threshold.push_back(0);
  trees.left.push_back(0);
  trees.right.push_back(0);
  trees.missing_left.push_back(0);
  trees.set.push_back(-1);
  trees.value.insert(trees.value.end(), static_cast<size_t>(trees.vector_leaves ? trees.outputs : 1), 0.0);
  trees.cover.push_back(cover);
  trees.gain.push_back(0);
}

inline void split_leaf(Trees& trees, int64_t begin, int64_t node, const TreeShape& shape, Draws& draws) {
  const int64_t i = begin + node;
  trees.feature[i] = static_cast<int32_t>(draws.below(shape.columns));
  trees.missing_left[i] = draws.below(2) == 1;
  trees.gain[i] = draws.uniform(0, 1);
  if (draws.below(10) < shape.set_share) {
    trees.set[i] = static_cast<int32_t>(trees.set_first.size()) - 1;
    for (int64_t words = 1 + draws.below(3); words > 0; --words) {
      trees.set_bits.push_back(static_cast<uint32_t>(draws.below(int64_t{1} << 32)));
    }
    trees.set_first.push_back(static_cast<int64_t>(trees.set_bits.size()));
  } else {
    trees.threshold[i] = static_cast<float>(draws.below(shape.thresholds) - shape.thresholds / 2) * 0.125f;
  }
  const float part = draws.uniform(0.1f, 0.9f);
  trees.left[i] = static_cast<int32_t>(static_cast<int64_t>(trees.feature.size()) - begin);
  trees.right[i] = trees.left[i] + 1;
  add_node(trees, trees.cover[i] * part);
  add_node(trees, trees.cover[i] * (1 - part));
}

inline Trees random_trees(const TreeShape& shape, uint64_t seed) {
  Draws draws(seed);
  Trees trees;
  trees.columns = shape.columns;
  trees.outputs = shape.outputs;
  trees.vector_leaves = shape.vector_leaves;
  for (int64_t t = 0; t < shape.trees; ++t) {
    const auto begin = static_cast<int64_t>(trees.feature.size());
    add_node(trees, 1000.0f);
    std::vector<int64_t> leaves{0};
    while (static_cast<int64_t>(leaves.size()) < shape.leaves) {
      const auto last = static_cast<int64_t>(leaves.size()) - 1;
      const int64_t at = draws.uniform(0, 1) < shape.lean ? last : draws.below(last + 1);
      const int64_t node = leaves[at];
      split_leaf(trees, begin, node, shape, draws);
      leaves[at] = trees.left[begin + node];
      leaves.push_back(trees.right[begin + node]);
    }
    for (const int64_t leaf : leaves) {
      const int64_t width = trees.view().values_of_node();
      for (int64_t k = 0; k < width; ++k) {
        const double value = draws.uniform(-1, 1) * 1.000000123;
        trees.value[(begin + leaf) * width + k] = shape.single ? static_cast<float>(value) : value;
      }
    }
    trees.first.push_back(static_cast<int64_t>(trees.feature.size()));
  }
  for (int64_t k = 0; shape.single && k < shape.outputs; ++k) trees.single_start.push_back(draws.uniform(-1, 1));
  return trees;
}

struct FloatRows {
  int64_t rows, columns, ld;
  std::vector<float> values;
  MatrixView<const float> view() const { return {values.data(), rows, columns, ld}; }
};

/// Numbers that meet the thresholds, codes, and everything odd: NaN, infinities, -0, numbers beyond every code.
inline FloatRows odd_rows(int64_t rows, int64_t columns, int64_t ld, uint64_t seed) {
  Draws draws(seed);
  FloatRows out{rows, columns, ld, std::vector<float>(static_cast<size_t>(rows * ld), 1e30f)};
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float odd[] = {NAN, NAN, kInfinity, -kInfinity, -0.0f, 3e9f, -1.0f, 0.5f, 1e-45f, -1e-45f};
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t c = 0; c < columns; ++c) {
      const int64_t kind = draws.below(10);
      out.values[i * ld + c] = kind == 0 ? odd[draws.below(10)] : kind < 5 ? static_cast<float>(draws.below(100)) :
                               static_cast<float>(draws.below(1000) - 500) * 0.125f;
    }
  }
  return out;
}

/// Whether x goes left at node i, word by word as trees.h says it.
inline bool left_by_contract(const TreesView& trees, int64_t i, float x) {
  if (std::isnan(x)) return trees.missing_left[i] != 0;
  if (trees.set[i] < 0) return x <= trees.threshold[i];
  const int64_t begin = trees.set_first[trees.set[i]], words = trees.set_first[trees.set[i] + 1] - begin;
  if (!(x >= 0 && x < static_cast<float>(32 * words))) return false;
  const auto code = static_cast<int64_t>(x);
  return (trees.set_bits[begin + code / 32] >> (code % 32) & 1u) != 0;
}

inline int32_t leaf_by_contract(const TreesView& trees, int64_t tree, const float* row) {
  const int64_t begin = trees.first[tree];
  int32_t node = 0;
  while (trees.feature[begin + node] >= 0) {
    const int64_t i = begin + node;
    node = left_by_contract(trees, i, row[trees.feature[i]]) ? trees.left[i] : trees.right[i];
  }
  return node;
}

/// In numbers of 32 or of 64 bits.
template <class Number>
void sum_by_contract(const TreesView& trees, const float* row, double* out) {
  std::vector<Number> sums(static_cast<size_t>(trees.outputs));
  for (int64_t k = 0; k < trees.single_start.size; ++k) sums[k] = static_cast<Number>(trees.single_start[k]);
  for (int64_t t = 0; t < trees.trees(); ++t) {
    const double* value = trees.value.data + (trees.first[t] + leaf_by_contract(trees, t, row)) * trees.values_of_node();
    if (!trees.vector_leaves) {
      sums[t % trees.outputs] += static_cast<Number>(value[0]);
    } else {
      for (int64_t k = 0; k < trees.outputs; ++k) sums[k] += static_cast<Number>(value[k]);
    }
  }
  for (int64_t k = 0; k < trees.outputs; ++k) out[k] = sums[k];
}

inline void sum_by_contract(const TreesView& trees, const float* row, double* out) {
  trees.single_start.size > 0 ? sum_by_contract<float>(trees, row, out) : sum_by_contract<double>(trees, row, out);
}

}  // namespace crisp
