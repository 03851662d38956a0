/// First and second derivatives of a loss at every row, as whole quanta of the round.
#pragma once

#include <cstdint>
#include <span>

#include "cuda/exec.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/cells.h"
#include "kernels/histogram/row_share.h"
#include "kernels/histogram/split.h"

namespace crisp {

enum class Objective { squared, absolute, huber, quantile, poisson, logistic, softmax };

struct ObjectivePlan {
  Objective objective = Objective::squared;
  double alpha = 0.9;            ///< huber: where the loss becomes straight; quantile: which one
  double positive_weight = 1;    ///< logistic: of the rows of class 1
  int64_t classes = 1;           ///< softmax
  int quanta = kMostQuanta;      ///< of a round's largest gradient and hessian, see quanta_for()
};

/// What the derivatives are taken at. target: the number, or the class. weights: empty, or one a row. scores: n x max(1, classes); of softmax the
/// derivatives are taken of what shares_of_classes() makes of them. On the host, or on exec's device; total_loss() and base_scores(): on the host.
struct GradientRows {
  std::span<const float> target, weights;
  MatrixView<const float> scores;
};

/// The quanta of a round: the largest gradient that any row has now is plan.quanta of them, the largest hessian too; 1 where all hessians
/// are 1. Bounds of the loss itself would do for large tables with noise; where a model becomes sure of every row they leave gradients of
/// less than a quantum. `output`: of softmax the class. `share`: where other processes have other rows.
RoundScale round_scale(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, const RowShare& share = {});

/// shares(i, k) = softmax over row i's scores.
void shares_of_classes(Exec& exec, MatrixView<const float> scores, MatrixView<float> shares);

/// The words of all rows. Fractions of a quantum are rounded up with their own probability, by a hash of `seed`, the round and the row's number
/// among all (`first` is the first one's), so that sums are right on the mean (Shi et al., "Quantized training of gradient boosting decision trees",
/// NeurIPS 2022); a positive hessian is one quantum at least.
void write_gradients(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, RoundScale scale, uint32_t key,
                     int64_t first, const BinnedRows& out);

/// The loss of a row's scores, summed over all rows with their weights, and the weights' sum.
struct LossTotal {
  double loss = 0, weight = 0;
};
LossTotal total_loss(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows);

/// What a constant answer would be best: one score an output. Of squared, poisson, logistic and softmax from the mean; of absolute, huber and quantile
/// the quantile itself.
void base_scores(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, std::span<double> out);

}  // namespace crisp
