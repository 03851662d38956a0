/// How pure a side of a split is. Everything in quanta, so that sums are whole numbers and do not depend on their order.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/exact_math.h"
#include "cuda/host_device.h"
#include "cuda/random.h"

namespace crisp {

/// gini, entropy: of classes (Breiman et al., "Classification and Regression Trees", 1984); squared: of numbers, the variance.
enum class Impurity { gini, entropy, squared };

/// A side's sums: its rows, then the weight of each class; of numbers the weight, and the sum of weight times target.
inline constexpr int64_t kRowsCell = 0, kFirstClassCell = 1, kWeightCell = 1, kTargetCell = 2;

CRISP_HD inline int64_t impurity_cells(Impurity impurity, int64_t classes) { return impurity == Impurity::squared ? 3 : 1 + classes; }

/// The weight of a side times its purity; of two sides the sum is the larger, the purer they are. gini: sum of w_k^2 / w. entropy: sum of
/// w_k log2(w_k / w). squared: g^2 / w, which is the sum of the targets' squares less w times their variance. `cell(k)` gives sum k; the side has
/// a row.
template <Impurity Kind, class Cell>
CRISP_HD inline double purity(const Cell& cell, int64_t classes) {
  if constexpr (Kind == Impurity::squared) {
    const auto g = static_cast<double>(cell(kTargetCell));
    return g * g / static_cast<double>(cell(kWeightCell));
  } else {
    double all = 0, sum = 0;
    for (int64_t k = kFirstClassCell; k <= classes; ++k) {
      const auto weight = static_cast<double>(cell(k));
      all += weight;
      if constexpr (Kind == Impurity::gini) sum += weight * weight;
    }
    if constexpr (Kind == Impurity::gini) return sum / all;
    for (int64_t k = kFirstClassCell; Kind == Impurity::entropy && k <= classes; ++k) {
      const auto weight = static_cast<double>(cell(k));
      if (weight > 0) sum += weight * exact_log2(weight / all);
    }
    return sum;
  }
}

/// Of both sides, by the left one's sums, left(k), and the node's; -infinity where one has fewer rows than `least`.
template <Impurity Kind, class Cell>
CRISP_HD inline double purity_of_sides(const Cell& left, const int64_t* total, int64_t classes, int64_t least) {
  const int64_t rows = left(kRowsCell);
  if (rows < least || total[kRowsCell] - rows < least) return -HUGE_VAL;
  return purity<Kind>(left, classes) + purity<Kind>([=](int64_t k) { return total[k] - left(k); }, classes);
}

/// Draws of one node: its columns come first.
inline constexpr uint64_t kThresholdDraw = uint64_t{1} << 32, kCategoryDraw = uint64_t{1} << 48;

/// What a category of `column` stands by in a random order.
CRISP_HD inline double drawn_key(uint64_t seed, uint64_t stream, int32_t column, int32_t code) {
  return random_uniform(seed, stream, kCategoryDraw + static_cast<uint64_t>(column) * 512 + static_cast<uint64_t>(code));
}

/// The place in that order behind which its categories are parted.
CRISP_HD inline int32_t drawn_cut(uint64_t seed, uint64_t stream, int32_t column, int32_t categories) {
  const uint64_t draw = kCategoryDraw + static_cast<uint64_t>(column) * 512 + 256;
  return static_cast<int32_t>(random_below(seed, stream, draw, static_cast<uint64_t>(categories - 1)));
}

/// The code up to which numbers go left, at least `low` and below `high`.
CRISP_HD inline int32_t drawn_threshold(uint64_t seed, uint64_t stream, int32_t column, int32_t low, int32_t high) {
  const auto span = static_cast<uint64_t>(high - low);
  return low + static_cast<int32_t>(random_below(seed, stream, kThresholdDraw + static_cast<uint64_t>(column), span));
}

/// What categories are ordered by: a class's share of the weight, or the mean target; `numerator` is the cell of either.
template <Impurity Kind, class Cell>
CRISP_HD inline double share_of_category(const Cell& cell, int64_t classes, int64_t numerator) {
  int64_t weight = cell(kWeightCell);
  for (int64_t k = kFirstClassCell + 1; Kind != Impurity::squared && k <= classes; ++k) weight += cell(k);
  return static_cast<double>(cell(numerator)) / static_cast<double>(weight);
}

}  // namespace crisp
