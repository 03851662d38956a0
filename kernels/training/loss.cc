#include "kernels/training/loss.h"

#include <algorithm>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/chunk_sums.h"
#include "kernels/training/loss_row.h"

namespace crisp {

namespace gpu {  // loss.cu
LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient);
}  // namespace gpu

namespace {

bool of_classes(LossKind kind) { return kind == LossKind::logistic || kind == LossKind::softmax; }

}  // namespace

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient) {
  CRISP_ASSERT(target.rows == outputs.rows && target.columns == (of_classes(plan.kind) ? 1 : outputs.columns));
  CRISP_ASSERT(weights.size == 0 || weights.size == outputs.rows);
  const NvtxRange range("loss_gradient");
  if (exec.is_cuda()) return gpu::loss_gradient(exec, plan, outputs, target, weights, scale, gradient);
  const float* own = weights.size ? weights.data : nullptr;
  LossSum sum;
  for (int64_t begin = 0; begin < outputs.rows; begin += kSumChunk) {
    const int64_t end = std::min(begin + kSumChunk, outputs.rows);
    LossSum chunk;
    for (int64_t i = begin; i < end; ++i) {
      const float weight = own ? own[i] : 1.0f;
      chunk.loss += static_cast<double>(weight) * row_loss(plan, outputs, target, i, scale * weight, gradient);
      chunk.weight += row_weight(plan, own, i, target.at(i, 0));
    }
    sum.loss += chunk.loss;
    sum.weight += chunk.weight;
  }
  return sum;
}

double loss_weight(const LossPlan& plan, MatrixView<const float> target, ArrayView<const float> weights) {
  if (weights.size == 0 && plan.class_weights.size == 0) return static_cast<double>(target.rows);
  const float* own = weights.size ? weights.data : nullptr;
  double sum = 0;
  for (int64_t i = 0; i < target.rows; ++i) sum += row_weight(plan, own, i, target.at(i, 0));
  return sum;
}

}  // namespace crisp
