// GPU engine of losses: one thread a row, which makes the row's loss and gradient; then one thread a chunk adds losses in
// order, and the host the chunks. 12 bytes an output and 12 a row. Rows of many outputs are read with a stride of their
// length, which the caches bear up to some hundred columns.
#include <vector>

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/chunk_sums.h"
#include "kernels/training/loss_row.h"

namespace crisp::gpu {

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient);

namespace {

struct LossRow {
  LossPlan plan;
  MatrixView<const float> outputs, target;
  const float* weights;
  float scale;
  MatrixView<float> gradient;
  LossSum* rows;
  __device__ void operator()(int64_t i) const {
    const float weight = weights ? weights[i] : 1.0f;
    const float counted = row_weight(plan, weights, i, target.at(i, 0));
    const float loss = row_loss(plan, outputs, target, i, scale * weight, gradient);
    rows[i] = {static_cast<double>(weight) * loss, static_cast<double>(counted)};
  }
};

struct LossChunk {
  const LossSum* rows;
  int64_t count;
  LossSum* chunks;
  __device__ void operator()(int64_t chunk) const {
    const int64_t begin = chunk * kSumChunk, end = begin + kSumChunk < count ? begin + kSumChunk : count;
    LossSum sum;
    for (int64_t i = begin; i < end; ++i) {
      sum.loss += rows[i].loss;
      sum.weight += rows[i].weight;
    }
    chunks[chunk] = sum;
  }
};

}  // namespace

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient) {
  const DeviceMatrixInput<float> x(exec, outputs), y(exec, target);
  const DeviceInput<float> own(exec, weights), of_classes(exec, plan.class_weights);
  DeviceMatrixOutput<float> slopes(exec, gradient);
  const int64_t count = outputs.rows, pieces = sum_chunks(count);
  const DeviceBuffer<LossSum> rows(exec, count), chunks(exec, pieces);
  const LossPlan on_device{plan.kind, plan.smoothing, of_classes.view()};
  launch_rows(exec, count, LossRow{on_device, x.view(), y.view(), weights.size ? own.data() : nullptr, scale, slopes.view(),
                                   rows.data()});
  launch_rows(exec, pieces, LossChunk{rows.data(), count, chunks.data()});
  std::vector<LossSum> parts(static_cast<size_t>(pieces));
  chunks.download(exec, parts.data(), pieces);
  slopes.finish(exec);
  LossSum sum;
  for (const LossSum& part : parts) {
    sum.loss += part.loss;
    sum.weight += part.weight;
  }
  return sum;
}

}  // namespace crisp::gpu
