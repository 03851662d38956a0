#include "kernels/histogram/split_categories.h"

#include <algorithm>
#include <vector>

#include "kernels/histogram/split_rules.h"

namespace crisp {
namespace {

void take(const std::vector<Category>& order, const CategoryChoice& choice, int32_t column, Split& split) {
  split.column = column;
  split.category = true;
  split.missing_left = false;
  split.left.fill(0);
  for (int k = choice.begin; k < choice.end; ++k) split.left[static_cast<size_t>(order[static_cast<size_t>(k)].code)] = 1;
  split.left_sums = choice.left;
}

}  // namespace

void improve_by_categories(const ColumnCells& cells, const Sums& total, const SplitRules& rules, const SplitNumbers& numbers,
                           RoundScale scale, int32_t column, Split& split, double& score) {
  const double smooth = rules.cat_smooth / scale.h;
  std::vector<Category> order;
  for (int32_t code = 1; code < cells.codes; ++code) {
    const Sums sums = cells.histogram.at(cells.first + code);
    if (sums.rows > 0) order.push_back({code, sums, category_rank(sums, smooth)});
  }
  CategoryChoice choice;
  choice.score = score;
  if (static_cast<int>(order.size()) <= rules.max_cat_to_onehot) {
    choose_one_category(order.data(), static_cast<int>(order.size()), total, numbers, choice);
  } else {
    // Rare ones say little of themselves: they go right.
    std::erase_if(order, [&](const Category& category) { return static_cast<double>(category.sums.rows) < rules.cat_smooth; });
    std::stable_sort(order.begin(), order.end(), [](const Category& a, const Category& b) { return a.rank < b.rank; });
    const auto count = static_cast<int>(order.size());
    choose_categories(order.data(), count, std::min(rules.max_cat_threshold, (count + 1) / 2), rules.min_data_per_group, total,
                      smoothed(numbers, rules, scale), choice);
  }
  if (choice.end == 0) return;
  score = choice.score;
  take(order, choice, column, split);
}

}  // namespace crisp
