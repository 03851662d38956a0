#include "kernels/histogram/split_rules.h"

#include <algorithm>

namespace crisp {

SplitNumbers numbers_of(const SplitRules& rules, RoundScale scale, double lower, double upper) {
  const double per_value = scale.h / scale.g;
  SplitNumbers numbers;
  numbers.lambda = rules.lambda_l2 / scale.h;
  numbers.alpha = rules.lambda_l1 / scale.g;
  numbers.min_h = std::max(1.0, rules.min_child_weight / scale.h);  // one quantum: no division by 0
  numbers.min_rows = static_cast<double>(rules.min_child_rows);
  numbers.most_value = rules.max_delta_step * per_value;
  numbers.lower = lower * per_value;
  numbers.upper = upper * per_value;
  numbers.plain = numbers.alpha == 0 && numbers.most_value == 0 && rules.monotone.size == 0;
  return numbers;
}

SplitNumbers smoothed(SplitNumbers numbers, const SplitRules& rules, RoundScale scale) {
  numbers.lambda += rules.cat_l2 / scale.h;
  return numbers;
}

namespace {

void fill_sides(Split& split) {
  if (split.category) return;
  split.left[0] = split.missing_left;
  for (int code = 1; code < 256; ++code) split.left[static_cast<size_t>(code)] = code <= split.code;
}

}  // namespace

Split finished_split(Split best, double score, const Sums& sums, const SplitNumbers& numbers, const SplitRules& rules, RoundScale scale) {
  if (best.column < 0) return {};
  const Side total = side_of(sums);
  const double before = score_of_value(total.g, total.h, value_of_sums(total.g, total.h, numbers), numbers);
  best.gain = (score - before) * scale.g * scale.g / scale.h;
  if (!(best.gain > rules.min_split_gain)) return {};
  fill_sides(best);
  return best;
}

}  // namespace crisp
