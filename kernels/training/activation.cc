#include "kernels/training/activation.h"

#include <cmath>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/activation_gpu.h"
#include "kernels/training/training_loops.h"

namespace crisp {

Dropout make_dropout(double rate, uint64_t seed, uint64_t stream, int64_t first) {
  CRISP_ASSERT(rate >= 0 && rate < 1);
  const auto threshold = static_cast<uint32_t>(std::lround(rate * 0x1p32));
  return {seed, stream, threshold, static_cast<float>(1 / (1 - rate)), first};
}

void activate(Exec& exec, Activation kind, const Dropout& dropout, ArrayView<const float> bias, MatrixView<float> sums,
              MatrixView<float> out) {
  CRISP_ASSERT(out.rows == sums.rows && out.columns == sums.columns && (bias.size == 0 || bias.size == sums.columns));
  CRISP_ASSERT(exec.is_cuda() || !dropout.moved);
  CRISP_ASSERT(out.data != sums.data || out.rows == 0 || kind == Activation::relu || kind == Activation::identity);
  const NvtxRange range("activate");
  if (exec.is_cuda()) return gpu::activate(exec, kind, dropout, bias, sums, out);
  training_loops().activate(kind, dropout, bias, sums, out);
}

void activation_gradient(Exec& exec, Activation kind, const Dropout& dropout, MatrixView<const float> sums,
                         MatrixView<float> gradient, ArrayView<float> bias_gradient) {
  CRISP_ASSERT(sums.rows == gradient.rows && sums.columns == gradient.columns);
  CRISP_ASSERT(exec.is_cuda() || !dropout.moved);
  CRISP_ASSERT(bias_gradient.size == 0 || bias_gradient.size == gradient.columns);
  const NvtxRange range("activation_gradient");
  if (exec.is_cuda()) return gpu::activation_gradient(exec, kind, dropout, sums, gradient, bias_gradient);
  training_loops().activation_gradient(kind, dropout, sums, gradient, bias_gradient);
}

}  // namespace crisp
