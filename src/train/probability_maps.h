/// The two ways to fit a map from said probabilities to true ones, for one class against the others.
#pragma once

#include <span>
#include <vector>

namespace crisp {

/// One row: what was said, 1 where the class came true, and how much the row counts.
struct SaidRow {
  double said, truth, weight;
};

/// Straight between its points, level beyond them.
struct RisingMap {
  std::vector<double> from, to;

  double operator()(double x) const;
};
/// The rising function of least squares, by the pool-adjacent-violators algorithm (Ayer et al., "An empirical distribution function for
/// sampling with incomplete information", 1955). Rows that say the same count as their mean; points between equals are left out, as
/// in scikit-learn's IsotonicRegression. `rows` not empty, weights > 0.
RisingMap fit_isotonic(std::vector<SaidRow> rows);

/// 1 / (1 + exp(-(slope * log_odds(said) + intercept))).
struct LogisticMap {
  double slope = 1, intercept = 0;

  double operator()(double x) const;
};
/// Of the least log loss against Platt's targets (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), by Newton's method with step halving (Lin, Lin &
/// Weng, "A note on Platt's probabilistic outputs for support vector machines", 2007). `rows` not empty.
LogisticMap fit_logistic_map(std::span<const SaidRow> rows);

/// log(p / (1 - p)) of p kept 1e-15 away from 0 and 1.
double log_odds(double probability);
inline constexpr double kLeastProbability = 1e-15;

}  // namespace crisp
