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

}  // namespace crisp
