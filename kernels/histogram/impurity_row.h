/// How pure a side of a split is. Everything in quanta, so that sums are whole numbers and do not depend on their order.
#pragma once

#include <cstdint>

#include "cuda/exact_math.h"
#include "cuda/host_device.h"

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
  }
  double all = 0, sum = 0;
  for (int64_t k = kFirstClassCell; k <= classes; ++k) {
    const auto weight = static_cast<double>(cell(k));
    all += weight;
    if constexpr (Kind == Impurity::gini) sum += weight * weight;
  }
  if constexpr (Kind == Impurity::gini) return sum / all;
  for (int64_t k = kFirstClassCell; k <= classes; ++k) {
    const auto weight = static_cast<double>(cell(k));
    if (weight > 0) sum += weight * exact_log2(weight / all);
  }
  return sum;
}

/// Of both sides, by the left one's sums and the node's.
template <Impurity Kind>
CRISP_HD inline double purity_of_sides(const int64_t* left, const int64_t* total, int64_t classes) {
  return purity<Kind>([=](int64_t k) { return left[k]; }, classes) + purity<Kind>([=](int64_t k) { return total[k] - left[k]; }, classes);
}

}  // namespace crisp
