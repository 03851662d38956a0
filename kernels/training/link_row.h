/// From sums to probabilities, in double: what linear models and trees answer. By cuda/exact_math.h, so that every engine and CPU
/// gives the same bits.
#pragma once

#include <cstdint>

#include "cuda/exact_math.h"
#include "cuda/host_device.h"

namespace crisp {

/// 1 / (1 + exp(-x)): a small one keeps its digits.
CRISP_HD inline double logistic(double x) {
  const double small = exact_exp(x > 0 ? -x : x);
  return (x > 0 ? 1 : small) / (1 + small);
}

/// log(1 + e^x) without overflow.
CRISP_HD inline double softplus(double x) { return (x > 0 ? x : 0) + exact_log1p(exact_exp(x > 0 ? -x : x)); }

/// The probabilities of two classes from the log-odds of the second. Both tails keep their digits: no 1 - p.
CRISP_HD inline void logistic_pair(double log_odds, double* pair) {
  pair[0] = logistic(-log_odds);
  pair[1] = logistic(log_odds);
}

/// exp(value) / (sum of exp(values)), in place.
CRISP_HD inline void softmax(double* values, int64_t count) {
  double largest = values[0], total = 0;
  for (int64_t k = 1; k < count; ++k) largest = values[k] > largest ? values[k] : largest;
  for (int64_t k = 0; k < count; ++k) total += values[k] = exact_exp(values[k] - largest);
  for (int64_t k = 0; k < count; ++k) values[k] /= total;
}

}  // namespace crisp
