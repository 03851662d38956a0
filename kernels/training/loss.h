/// Losses of nets and their gradients, row by row.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

enum class LossKind {
  squared,   ///< (output - target)^2, summed over a row's outputs
  absolute,  ///< |output - target|
  huber,     ///< delta 1: half the square within 1, |difference| - 1/2 beyond
  logistic,  ///< one output, the log-odds of class 1; target 0 or 1
  softmax,   ///< one output a class; target is the class's index
};

struct LossPlan {
  LossKind kind = LossKind::squared;
  float smoothing = 0;                    ///< label smoothing: so much of the target is spread evenly over all classes
  /// logistic (2), softmax (one an output): of each class's term of the loss, as PyTorch; empty: all 1
  ArrayView<const float> class_weights;
};

struct LossSum {
  double loss = 0;    ///< sum of weight * loss
  double weight = 0;  ///< sum of weights, each times that of the row's class
};

/// gradient = d(scale * sum of weight * loss) / d outputs, rows x outputs; it may be `outputs` itself. `target` has a column
/// (classes, numbers) or one an output (squared, absolute, huber). `weights` one a row or empty. The sums are those of
/// this call's rows, in double, in the order of chunk_sums.h. Engines agree bit for bit. Where an output is not finite, neither is the loss.
LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient);

/// The same without waiting: `scale` and `total`, to which the sums are added, lie where exec computes.
void loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                   ArrayView<const float> weights, const float* scale, MatrixView<float> gradient, LossSum* total);

/// Sum of the weights that loss_gradient() would give to these rows: what a mean divides by.
double loss_weight(const LossPlan& plan, MatrixView<const float> target, ArrayView<const float> weights);

}  // namespace crisp
