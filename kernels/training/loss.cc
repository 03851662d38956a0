#include "kernels/training/loss.h"

#include <algorithm>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/chunk_sums.h"
#include "kernels/training/loss_gpu.h"
#include "kernels/training/loss_row.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

bool of_classes(LossKind kind) { return kind == LossKind::logistic || kind == LossKind::softmax; }

/// What a call gives to each of its chunks.
struct LossRows {
  const LossPlan& plan;
  MatrixView<const float> outputs, target;
  const float* own;
  float scale;
  MatrixView<float> gradient;
};

/// losses[i - begin] and the gradient of rows begin ... end - 1; side by side, for vectors.
void logistic_chunk(const LossRows& rows, int64_t begin, int64_t end, float* losses) {
  float outputs[kSumChunk], targets[kSumChunk], scales[kSumChunk], slopes[kSumChunk];
  for (int64_t i = begin; i < end; ++i) {
    outputs[i - begin] = rows.outputs.at(i, 0);
    targets[i - begin] = rows.target.at(i, 0);
    scales[i - begin] = rows.scale * (rows.own ? rows.own[i] : 1.0f);
  }
  training_loops().logistic(rows.plan, end - begin, outputs, targets, scales, losses, slopes);
  for (int64_t i = begin; i < end; ++i) rows.gradient.at(i, 0) = slopes[i - begin];
}

LossSum chunk_loss(const LossRows& rows, int64_t begin, int64_t end) {
  float losses[kSumChunk];
  if (rows.plan.kind == LossKind::logistic) {
    logistic_chunk(rows, begin, end, losses);
  } else {
    for (int64_t i = begin; i < end; ++i) {
      const float weight = rows.own ? rows.own[i] : 1.0f;
      losses[i - begin] = row_loss(rows.plan, rows.outputs, rows.target, i, rows.scale * weight, rows.gradient);
    }
  }
  LossSum sum;
  for (int64_t i = begin; i < end; ++i) {
    sum.loss += static_cast<double>(rows.own ? rows.own[i] : 1.0f) * losses[i - begin];
    sum.weight += row_weight(rows.plan, rows.own, i, rows.target.at(i, 0));
  }
  return sum;
}

void check(const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target, ArrayView<const float> weights) {
  CRISP_ASSERT(target.rows == outputs.rows && target.columns == (of_classes(plan.kind) ? 1 : outputs.columns));
  CRISP_ASSERT(weights.size == 0 || weights.size == outputs.rows);
}

}  // namespace

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient) {
  check(plan, outputs, target, weights);
  const NvtxRange range("loss_gradient");
  if (exec.is_cuda()) return gpu::loss_gradient(exec, plan, outputs, target, weights, scale, gradient);
  const float* own = weights.size ? weights.data : nullptr;
  const LossRows rows{plan, outputs, target, own, scale, gradient};
  LossSum sum;
  for (int64_t begin = 0; begin < outputs.rows; begin += kSumChunk) {
    const LossSum chunk = chunk_loss(rows, begin, std::min(begin + kSumChunk, outputs.rows));
    sum.loss += chunk.loss;
    sum.weight += chunk.weight;
  }
  return sum;
}

void loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                   ArrayView<const float> weights, const float* scale, MatrixView<float> gradient, LossSum* total) {
  check(plan, outputs, target, weights);
  const NvtxRange range("loss_gradient");
  if (exec.is_cuda()) return gpu::add_loss_gradient(exec, plan, outputs, target, weights, scale, gradient, total);
  const LossSum sum = loss_gradient(exec, plan, outputs, target, weights, *scale, gradient);
  total->loss += sum.loss;
  total->weight += sum.weight;
}

double loss_weight(const LossPlan& plan, MatrixView<const float> target, ArrayView<const float> weights) {
  if (weights.size == 0 && plan.class_weights.size == 0) return static_cast<double>(target.rows);
  const float* own = weights.size ? weights.data : nullptr;
  double sum = 0;
  for (int64_t i = 0; i < target.rows; ++i) sum += row_weight(plan, own, i, target.at(i, 0));
  return sum;
}

}  // namespace crisp
