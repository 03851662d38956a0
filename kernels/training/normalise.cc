#include "kernels/training/normalise.h"

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/normalise_gpu.h"
#include "kernels/training/normalise_row.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

bool fits(ArrayView<const float> values, int64_t columns) { return values.size == 0 || values.size == columns; }
template <class T, class U>
bool alike(MatrixView<T> a, MatrixView<U> b) { return a.rows == b.rows && a.columns == b.columns; }
bool fits(const BatchStatistics& s, int64_t columns) { return s.mean.size == columns && s.rstd.size == columns; }

}  // namespace

void layer_norm(Exec& exec, MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, double epsilon,
                MatrixView<float> saved, MatrixView<float> out) {
  CRISP_ASSERT(alike(in, out) && saved.rows == in.rows && saved.columns == 2 && fits(gamma, in.columns) && fits(beta, in.columns));
  const NvtxRange range("layer_norm");
  const auto small = static_cast<float>(epsilon);
  if (exec.is_cuda()) return gpu::layer_norm(exec, in, gamma, beta, small, saved, out);
  training_loops().normalise.layer_norm(in, gamma, beta, small, saved, out);
}

void layer_norm_gradient(Exec& exec, MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                         MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient) {
  CRISP_ASSERT(alike(in, gradient) && saved.rows == in.rows && saved.columns == 2 && fits(gamma, in.columns));
  CRISP_ASSERT(fits(gamma_gradient, in.columns) && fits(beta_gradient, in.columns));
  const NvtxRange range("layer_norm_gradient");
  if (exec.is_cuda()) return gpu::layer_norm_gradient(exec, in, saved, gamma, gradient, gamma_gradient, beta_gradient);
  training_loops().normalise.layer_norm_gradient(in, saved, gamma, gradient, gamma_gradient, beta_gradient);
}

void batch_sums(Exec& exec, MatrixView<const float> part, MatrixView<double> sums) {
  CRISP_ASSERT(sums.rows == 2 && sums.columns == part.columns);
  const NvtxRange range("batch_sums");
  if (exec.is_cuda()) return gpu::batch_sums(exec, part, sums);
  training_loops().normalise.batch_sums(part, sums);
}

void join_sums(Exec& exec, MatrixView<const double> parts, ArrayView<double> total) {
  CRISP_ASSERT(parts.columns == total.size);
  if (exec.is_cuda()) return gpu::join_sums(exec, parts, total);
  for (int64_t j = 0; j < total.size; ++j) total[j] = joined_sum(parts, j);
}

void batch_statistics(Exec& exec, MatrixView<const double> sums, int64_t rows, double epsilon, double momentum,
                      const BatchStatistics& statistics) {
  CRISP_ASSERT(rows >= 1 && sums.rows == 2 && fits(statistics, sums.columns));
  CRISP_ASSERT(fits(statistics.running_mean, sums.columns) && statistics.running_mean.size == statistics.running_variance.size);
  if (exec.is_cuda()) return gpu::batch_statistics(exec, sums, rows, epsilon, momentum, statistics);
  for (int64_t j = 0; j < sums.columns; ++j) set_statistics(sums, rows, epsilon, momentum, statistics, j);
}

void running_statistics(Exec& exec, double epsilon, const BatchStatistics& statistics) {
  CRISP_ASSERT(fits(statistics, statistics.running_mean.size) && statistics.running_mean.size == statistics.running_variance.size);
  if (exec.is_cuda()) return gpu::running_statistics(exec, epsilon, statistics);
  for (int64_t j = 0; j < statistics.mean.size; ++j) use_running(epsilon, statistics, j);
}

void batch_normalise(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                     ArrayView<const float> beta, MatrixView<float> out) {
  CRISP_ASSERT(alike(in, out) && fits(statistics, in.columns) && fits(gamma, in.columns) && fits(beta, in.columns));
  const NvtxRange range("batch_normalise");
  if (exec.is_cuda()) return gpu::batch_normalise(exec, in, statistics, gamma, beta, out);
  training_loops().normalise.batch_normalise(in, statistics, gamma, beta, out);
}

void batch_gradient_sums(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics,
                         MatrixView<const float> gradient, MatrixView<double> sums, ArrayView<float> gamma_gradient,
                         ArrayView<float> beta_gradient) {
  CRISP_ASSERT(alike(in, gradient) && fits(statistics, in.columns) && sums.rows == 2 && sums.columns == in.columns);
  CRISP_ASSERT(fits(gamma_gradient, in.columns) && fits(beta_gradient, in.columns));
  const NvtxRange range("batch_gradient_sums");
  if (exec.is_cuda()) {
    return gpu::batch_gradient_sums(exec, in, statistics, gradient, sums, gamma_gradient, beta_gradient);
  }
  training_loops().normalise.batch_gradient_sums(in, statistics, gradient, sums);
  for (int64_t j = 0; j < gamma_gradient.size; ++j) gamma_gradient[j] = static_cast<float>(sums.at(1, j));
  for (int64_t j = 0; j < beta_gradient.size; ++j) beta_gradient[j] = static_cast<float>(sums.at(0, j));
}

void batch_gradient(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                    MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient) {
  CRISP_ASSERT(alike(in, gradient) && fits(statistics, in.columns) && fits(gamma, in.columns) && rows >= 1);
  CRISP_ASSERT(sums.rows == 2 && sums.columns == in.columns);
  const NvtxRange range("batch_gradient");
  if (exec.is_cuda()) return gpu::batch_gradient(exec, in, statistics, gamma, sums, rows, gradient);
  training_loops().normalise.batch_gradient(in, statistics, gamma, sums, rows, gradient);
}

}  // namespace crisp
