#include "kernels/histogram/split_categories.h"

#include <algorithm>
#include <vector>

namespace crisp {
namespace {

struct Category {
  int32_t code;
  Sums sums;
  double rank;
};

void take(const std::vector<Category>& order, size_t begin, size_t end, const Sums& left, int32_t column, Split& split) {
  split.column = column;
  split.category = true;
  split.missing_left = false;
  split.left.fill(0);
  for (size_t k = begin; k < end; ++k) split.left[static_cast<size_t>(order[k].code)] = 1;
  split.left_sums = left;
}

}  // namespace

void improve_by_categories(const CategoryCells& cells, const Sums& total, const SplitRules& rules, const SplitNumbers& numbers,
                           RoundScale scale, int32_t column, Split& split, double& score) {
  const double smooth = rules.cat_smooth / scale.h;
  std::vector<Category> order;
  for (int32_t code = 1; code < cells.codes; ++code) {
    const Sums sums = cells.histogram.at(cells.first + code);
    if (sums.rows > 0) order.push_back({code, sums, static_cast<double>(sums.g) / (static_cast<double>(sums.h) + smooth)});
  }
  const auto consider = [&](const Sums& left, size_t begin, size_t end, const SplitNumbers& with) {
    const double candidate = split_score(side_of(left), side_of(total - left), with);
    if (!(candidate > score)) return;
    score = candidate;
    take(order, begin, end, left, column, split);
  };
  if (static_cast<int>(order.size()) <= rules.max_cat_to_onehot) {
    for (size_t k = 0; k < order.size(); ++k) consider(order[k].sums, k, k + 1, numbers);
    return;
  }
  // Rare ones say little of themselves: they go right.
  std::erase_if(order, [&](const Category& category) { return static_cast<double>(category.sums.rows) < rules.cat_smooth; });
  std::stable_sort(order.begin(), order.end(), [](const Category& a, const Category& b) { return a.rank < b.rank; });
  SplitNumbers smoothed = numbers;
  smoothed.lambda += rules.cat_l2 / scale.h;
  const size_t most = std::min<size_t>(static_cast<size_t>(rules.max_cat_threshold), (order.size() + 1) / 2);
  Sums low, high;
  int64_t low_group = 0, high_group = 0;  // rows since the last candidate
  for (size_t k = 0; k < most; ++k) {
    const Category &up = order[k], &down = order[order.size() - 1 - k];
    low += up.sums;
    low_group += up.sums.rows;
    if (low_group >= rules.min_data_per_group) {
      consider(low, 0, k + 1, smoothed);
      low_group = 0;
    }
    high += down.sums;
    high_group += down.sums.rows;
    if (high_group >= rules.min_data_per_group) {
      consider(high, order.size() - 1 - k, order.size(), smoothed);
      high_group = 0;
    }
  }
}

}  // namespace crisp
