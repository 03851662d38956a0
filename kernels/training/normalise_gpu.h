/// The GPU side of normalise.h, called by its dispatch only.
#pragma once

#include "kernels/training/normalise.h"

namespace crisp::gpu {

void layer_norm(Exec& exec, MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, float epsilon,
                MatrixView<float> saved, MatrixView<float> out);
void layer_norm_gradient(Exec& exec, MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                         MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient);
void batch_sums(Exec& exec, MatrixView<const float> part, MatrixView<double> sums);
void join_sums(Exec& exec, MatrixView<const double> parts, ArrayView<double> total);
void batch_statistics(Exec& exec, MatrixView<const double> sums, int64_t rows, double epsilon, double momentum,
                      const BatchStatistics& statistics);
void running_statistics(Exec& exec, double epsilon, const BatchStatistics& statistics);
void batch_normalise(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                     ArrayView<const float> beta, MatrixView<float> out);
void batch_gradient_sums(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics,
                         MatrixView<const float> gradient, MatrixView<double> sums, ArrayView<float> gamma_gradient,
                         ArrayView<float> beta_gradient);
void batch_gradient(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                    MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient);

}  // namespace crisp::gpu
