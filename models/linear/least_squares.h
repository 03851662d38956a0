/// Weights of the columns that make squared errors small, plainly or with a penalty; all solved on a Triangle.
#pragma once

#include "models/linear/triangle.h"

namespace crisp {

/// argmin |target - factor b|^2 + penalty |b|^2, penalty >= 0. Without a penalty and where columns depend on each other (to
/// float32's precision, relative to their lengths) the b of least length. A column a target.
Eigen::MatrixXd solve_ridge(const Triangle& triangle, double penalty);

struct ElasticNetPlan {
  double alpha = 1;
  double l1_ratio = 0.5;
  double tolerance = 1e-9;  ///< of the largest step, relative to the target's standard deviation
  int64_t most_passes = 10'000;
};

struct ElasticNetFit {
  Eigen::VectorXd weights;
  int64_t passes = 0;
  bool converged = false;
};

/// argmin 1/(2 W) sum w (y - x b)^2 + alpha l1_ratio |b|_1 + alpha (1 - l1_ratio) / 2 |b|^2, W the weight of all rows:
/// scikit-learn's objective, by cyclic coordinate descent (Friedman, Hastie, Tibshirani, "Regularization paths for generalized
/// linear models via coordinate descent", J. Stat. Software 2010). One target.
ElasticNetFit solve_elastic_net(const Triangle& triangle, const ElasticNetPlan& plan);

}  // namespace crisp
