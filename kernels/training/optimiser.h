/// One step of an optimiser over all parameters of a net, which lie in one array; formulas as PyTorch's torch.optim.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

enum class OptimiserKind { sgd, adam, adamw, rmsprop };

struct OptimiserPlan {
  OptimiserKind kind = OptimiserKind::adamw;
  double beta1 = 0.9;         ///< adam, adamw
  double beta2 = 0.999;       ///< adam, adamw
  double epsilon = 1e-8;      ///< adam, adamw, rmsprop
  double momentum = 0;        ///< sgd, rmsprop
  bool nesterov = false;      ///< sgd
  double smoothing = 0.99;    ///< rmsprop: alpha
  double weight_decay = 0;    ///< L2: added to the gradient (adamw: the parameter shrinks by rate * this instead)
  double l1 = 0;              ///< adds l1 * sign(parameter) to the gradient
  double clip_value = 0;      ///< each gradient is cut to [-this, this]; 0: not
};

/// Moments that an optimiser keeps for each parameter, all 0 at the start: 0, 1 or 2 arrays.
int moments_of(const OptimiserPlan& plan);

struct OptimiserState {
  ArrayView<float> parameters;
  ArrayView<float> first, second;  ///< moments; empty where moments_of() says so
  int64_t decayed = 0;             ///< weight decay and l1 hold for parameters [0, decayed): not for biases and norms
};

/// Adds up rows of `gradients` (one a part of the batch) in order into the first and gives the sum of squares of the result.
double sum_gradients(Exec& exec, MatrixView<float> gradients);

/// step >= 1 counts steps; the gradient is scale * (sum of the rows of `gradients`, in order). 16 to 28 bytes a parameter and 4
/// for each further row. Engines agree bit for bit.
void optimiser_step(Exec& exec, const OptimiserPlan& plan, double rate, int64_t step, double scale,
                    MatrixView<const float> gradients, const OptimiserState& state);

// The same for steps that do not wait: numbers lie where exec computes, so that on a GPU one recorded graph serves every step.
struct StepNumbersPair;  // step_numbers.h

/// `squares`, which may be null: the sum of squares.
void sum_gradients(Exec& exec, MatrixView<float> gradients, double* squares);
/// Sets the scale that cuts a gradient with this sum of squares to the length `most`.
void set_scale(Exec& exec, const double* squares, double most, StepNumbersPair* numbers);
void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair* numbers, MatrixView<const float> gradients,
                    const OptimiserState& state);

}  // namespace crisp
