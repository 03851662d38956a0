/// The loops over whole rows that training spends its time in besides matrix products, for each instruction set.
#pragma once

#include <cstdint>

#include "kernels/training/activation.h"
#include "kernels/training/loss.h"
#include "kernels/training/normalise.h"
#include "kernels/training/step_numbers.h"

namespace crisp {

/// The names of normalise.h.
struct NormaliseLoops {
  void (*layer_norm)(MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, float epsilon,
                     MatrixView<float> saved, MatrixView<float> out);
  void (*layer_norm_gradient)(MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                              MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient);
  void (*batch_sums)(MatrixView<const float> part, MatrixView<double> sums);
  void (*batch_normalise)(MatrixView<const float> in, const BatchStatistics&, ArrayView<const float> gamma,
                          ArrayView<const float> beta, MatrixView<float> out);
  void (*batch_gradient_sums)(MatrixView<const float> in, const BatchStatistics&, MatrixView<const float> gradient,
                              MatrixView<double> sums);
  void (*batch_gradient)(MatrixView<const float> in, const BatchStatistics&, ArrayView<const float> gamma,
                         MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient);
};

/// The names of recurrent.h.
struct RecurrentLoops {
  void (*lstm_cell)(ArrayView<const float> bias, MatrixView<float> gates, MatrixView<const float> cell_before,
                    MatrixView<float> cell, MatrixView<float> hidden);
  void (*lstm_cell_gradient)(MatrixView<const float> cell_before, MatrixView<const float> cell,
                             MatrixView<const float> hidden_gradient, MatrixView<float> cell_gradient, MatrixView<float> gates);
  void (*gru_cell)(ArrayView<const float> input_bias, ArrayView<const float> hidden_bias, MatrixView<float> input_sums,
                   MatrixView<float> hidden_sums, MatrixView<const float> hidden_before, MatrixView<float> hidden);
  void (*gru_cell_gradient)(MatrixView<const float> hidden_before, MatrixView<float> hidden_gradient,
                            MatrixView<float> input_sums, MatrixView<float> hidden_sums);
};

struct TrainingLoops {
  void (*activate)(Activation, const Dropout&, ArrayView<const float> bias, MatrixView<float> sums, MatrixView<float> out);
  void (*activation_gradient)(Activation, const Dropout&, MatrixView<const float> sums, MatrixView<float> gradient,
                              ArrayView<float> bias_gradient);
  /// Adds rows 1 ... of `gradients` to row 0 of it, elements [begin, end), at most kSquarePiece of them; gives the sum of
  /// squares of the result in the order of square_sum.h.
  double (*sum_rows)(MatrixView<float> gradients, int64_t begin, int64_t end);
  /// Updates parameters [begin, end); all of them are decayed, or none is.
  void (*update)(OptimiserKind, const StepNumbers&, MatrixView<const float> gradients, const OptimiserState&, int64_t begin,
                 int64_t end);
  /// losses[i] and slopes[i] of outputs[i] against targets[i], as row_loss() of loss_row.h, `scales` being its scale.
  void (*logistic)(const LossPlan&, int64_t rows, const float* outputs, const float* targets, const float* scales,
                   float* losses, float* slopes);
  NormaliseLoops normalise;
  RecurrentLoops recurrent;
};

extern const TrainingLoops training_loops_baseline, training_loops_avx2, training_loops_avx512;

/// Those for this machine.
const TrainingLoops& training_loops();

}  // namespace crisp
