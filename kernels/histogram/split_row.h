/// The score of one candidate. Everything in quanta of the round, so that sums are whole numbers.
#pragma once

#include "cuda/host_device.h"
#include "kernels/histogram/cells.h"

namespace crisp {

/// The rules in quanta.
struct SplitNumbers {
  double lambda = 0, alpha = 0;
  double min_h = 1, min_rows = 1;
  double most_value = 0;               ///< of a leaf, either sign; 0: any
  double lower = -1e308, upper = 1e308;
  int monotone = 0;
  bool plain = true;                   ///< none of alpha, most_value, bounds matters
};

/// Sums of one side.
struct Side {
  double g, h, rows;
};

CRISP_HD inline Side side_of(const Sums& sums) {
  return {static_cast<double>(sums.g), static_cast<double>(sums.h), static_cast<double>(sums.rows)};
}

CRISP_HD inline double plain_score(double gl, double hl, double gr, double hr, double lambda) {
  const double left = hl + lambda, right = hr + lambda;
  return (gl * gl * right + gr * gr * left) / (left * right);
}

CRISP_HD inline double shrunk(double g, double alpha) { return g > alpha ? g - alpha : g < -alpha ? g + alpha : 0; }

/// argmin of g w + (h + lambda) w^2 / 2 + alpha |w| within the bounds.
CRISP_HD inline double value_of_sums(double g, double h, const SplitNumbers& numbers) {
  double value = -shrunk(g, numbers.alpha) / (h + numbers.lambda);
  if (numbers.most_value > 0) {
    value = value > numbers.most_value ? numbers.most_value : value < -numbers.most_value ? -numbers.most_value : value;
  }
  value = value < numbers.lower ? numbers.lower : value;
  return value > numbers.upper ? numbers.upper : value;
}

/// Minus twice that objective, at the value.
CRISP_HD inline double score_of_value(double g, double h, double value, const SplitNumbers& numbers) {
  return -(2 * (g * value + numbers.alpha * (value < 0 ? -value : value)) + (h + numbers.lambda) * value * value);
}

CRISP_HD inline bool allowed(const Side& side, const SplitNumbers& numbers) {
  return side.rows >= numbers.min_rows && side.h >= numbers.min_h;
}

/// -1 where the candidate is not allowed.
CRISP_HD inline double split_score(const Side& left, const Side& right, const SplitNumbers& numbers) {
  if (!allowed(left, numbers) || !allowed(right, numbers)) return -1;
  if (numbers.plain) return plain_score(left.g, left.h, right.g, right.h, numbers.lambda);
  const double l = value_of_sums(left.g, left.h, numbers), r = value_of_sums(right.g, right.h, numbers);
  if (numbers.monotone * (r - l) < 0) return -1;
  return score_of_value(left.g, left.h, l, numbers) + score_of_value(right.g, right.h, r, numbers);
}

/// A category's rows in a node, and its place in the order.
struct Category {
  int64_t code;  ///< as long as the rest: no padding is copied
  Sums sums;
  double rank;
};

CRISP_HD inline double category_rank(const Sums& sums, double smooth) {
  const double weight = static_cast<double>(sums.h) + smooth;
  return weight > 0 ? static_cast<double>(sums.g) / weight : 0;
}

/// Categories [begin, end) of an order that go left.
struct CategoryChoice {
  double score = -1;
  int begin = 0, end = 0;
  Sums left;
};

CRISP_HD inline void consider_categories(const Sums& left, int begin, int end, const Sums& total, const SplitNumbers& numbers,
                                         CategoryChoice& best) {
  const double score = split_score(side_of(left), side_of(total - left), numbers);
  if (score > best.score) best = {score, begin, end, left};
}

/// One against all others.
CRISP_HD inline void choose_one_category(const Category* order, int count, const Sums& total, const SplitNumbers& numbers, CategoryChoice& best) {
  for (int k = 0; k < count; ++k) consider_categories(order[k].sums, k, k + 1, total, numbers, best);
}

/// Some from either end of the order, `most` at most; candidates are `group` rows apart.
CRISP_HD inline void choose_categories(const Category* order, int count, int most, int64_t group, const Sums& total, const SplitNumbers& numbers,
                                       CategoryChoice& best) {
  Sums low, high;
  int64_t low_group = 0, high_group = 0;  // rows since the last candidate
  for (int k = 0; k < most; ++k) {
    const Category &up = order[k], &down = order[count - 1 - k];
    low += up.sums;
    low_group += up.sums.rows;
    if (low_group >= group) {
      consider_categories(low, 0, k + 1, total, numbers, best);
      low_group = 0;
    }
    high += down.sums;
    high_group += down.sums.rows;
    if (high_group >= group) {
      consider_categories(high, count - 1 - k, count, total, numbers, best);
      high_group = 0;
    }
  }
}

}  // namespace crisp
