/// Logistic regression of two classes, and of more (multinomial).
#pragma once

#include "cuda/exec.h"
#include "models/linear/linear_model.h"
#include "train/model.h"

namespace crisp {

struct LogisticPlan {
  double strength = 1;       ///< scikit-learn's C: of the data against the penalty 1/2 |weights|^2; infinite: no penalty
  bool intercept = true;     ///< never penalised
  bool balanced = false;     ///< classes weigh alike: scikit-learn's class_weight="balanced"
  double tolerance = 1e-8;   ///< of the gradient of the mean loss, largest part
  int64_t most_steps = 1000;
};

struct LogisticFit {
  LinearParts parts;
  int64_t steps = 0;
  bool converged = false;
};

/// argmin C sum w loss(x, y) + 1/2 |weights|^2, by L-BFGS in double. Sums are made by pieces of rows in a fixed order: the
/// same bits for every number of threads. Of more than two classes the intercepts add up to 0.
LogisticFit fit_logistic(Exec& exec, const FitData& data, const LogisticPlan& plan);

}  // namespace crisp
