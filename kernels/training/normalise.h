/// Layer norm (Ba, Kiros, Hinton 2016) and batch norm (Ioffe, Szegedy 2015), forward and back; formulas as PyTorch's.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// out.row(i) = (in.row(i) - mean) * rstd * gamma + beta with the row's mean and rstd = 1 / sqrt(variance + epsilon), which go
/// to saved(i, 0) and saved(i, 1). `gamma`, `beta`: one a column, or empty for 1 and 0. `out` may be `in`, where the way back is
/// not needed. Engines agree bit for bit. 8 bytes an element (rows of up to some thousand columns stay in the caches).
void layer_norm(Exec& exec, MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, double epsilon,
                MatrixView<float> saved, MatrixView<float> out);

/// gradient: d loss / d out becomes d loss / d in. The gradients of gamma and beta (may be empty) are column sums in the order
/// of chunk_sums.h. Engines agree bit for bit. 12 bytes an element, 8 more for gamma's and beta's gradient.
void layer_norm_gradient(Exec& exec, MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                         MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient);

// Batch norm in pieces, so that a batch may be cut into parts by rows:
//   forward   batch_sums() of each part; join_sums(); batch_statistics(); batch_normalise() each part
//   back      batch_gradient_sums() of each part; join_sums(); batch_gradient() each part
// In use: running_statistics() once, then batch_normalise(). All engines agree bit for bit.

/// sums: 2 x columns; the sum and the sum of squares of each column of this part. 4 bytes an element.
void batch_sums(Exec& exec, MatrixView<const float> part, MatrixView<double> sums);

/// total = the rows of `parts` (a part's 2 x columns sums in one row), one after the other.
void join_sums(Exec& exec, MatrixView<const double> parts, ArrayView<double> total);

/// What batch norm keeps of each column.
struct BatchStatistics {
  ArrayView<float> mean, rstd;                      ///< of this batch
  ArrayView<float> running_mean, running_variance;  ///< 0 and 1 at the start; moved by momentum; the variance unbiased
};

/// From the sums over all `rows` >= 1 of the batch.
void batch_statistics(Exec& exec, MatrixView<const double> sums, int64_t rows, double epsilon, double momentum,
                      const BatchStatistics& statistics);

/// mean and rstd for use, from the running ones.
void running_statistics(Exec& exec, double epsilon, const BatchStatistics& statistics);

/// out = (in - mean) * rstd * gamma + beta, columns each; `out` may be `in`. 8 bytes an element.
void batch_normalise(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                     ArrayView<const float> beta, MatrixView<float> out);

/// sums: 2 x columns; of d loss / d out, and of that times the normalised value. They are this part's gradients of beta and
/// gamma (may be empty). 8 bytes an element.
void batch_gradient_sums(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics,
                         MatrixView<const float> gradient, MatrixView<double> sums, ArrayView<float> gamma_gradient,
                         ArrayView<float> beta_gradient);

/// gradient: d loss / d out becomes d loss / d in. `sums`, `rows`: of the whole batch. 12 bytes an element.
void batch_gradient(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                    MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient);

}  // namespace crisp
