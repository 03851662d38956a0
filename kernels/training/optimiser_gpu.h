/// The GPU side of optimiser.h, called by its dispatch only.
#pragma once

#include "kernels/training/optimiser.h"
#include "kernels/training/step_numbers.h"

namespace crisp::gpu {

double sum_gradients(Exec& exec, MatrixView<float> gradients);
void sum_gradients(Exec& exec, MatrixView<float> gradients, double* squares);
void set_scale(Exec& exec, const double* squares, double most, StepNumbersPair* numbers);
void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair* numbers, MatrixView<const float> gradients,
                    const OptimiserState& state);
void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair& numbers, MatrixView<const float> gradients,
                    const OptimiserState& state);

}  // namespace crisp::gpu
