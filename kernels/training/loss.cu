// GPU engine of losses: one thread a row, which makes the row's loss and gradient; then one thread a chunk adds losses in
// order, and one the chunks. 12 bytes an output and 12 a row. Rows of many outputs are read with a stride of their
// length, which the caches bear up to some hundred columns.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/chunk_sums.h"
#include "kernels/training/loss_gpu.h"
#include "kernels/training/loss_row.h"

namespace crisp::gpu {
namespace {

struct LossRow {
  LossPlan plan;
  MatrixView<const float> outputs, target;
  const float* weights;
  const float* scale;
  MatrixView<float> gradient;
  LossSum* rows;
  __device__ void operator()(int64_t i) const {
    const float weight = weights ? weights[i] : 1.0f;
    const float counted = row_weight(plan, weights, i, target.at(i, 0));
    const float loss = row_loss(plan, outputs, target, i, *scale * weight, gradient);
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

/// *total += the chunks, in order. Owner: one thread; a batch has some hundred chunks at most.
struct JoinLoss {
  const LossSum* chunks;
  int64_t count;
  LossSum* total;
  __device__ void operator()(int64_t) const {
    LossSum sum;
#pragma unroll 4
    for (int64_t chunk = 0; chunk < count; ++chunk) {
      sum.loss += chunks[chunk].loss;
      sum.weight += chunks[chunk].weight;
    }
    total->loss += sum.loss;
    total->weight += sum.weight;
  }
};

}  // namespace

void add_loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                       ArrayView<const float> weights, const float* scale, MatrixView<float> gradient, LossSum* total) {
  const DeviceMatrixInput<float> x(exec, outputs), y(exec, target);
  const DeviceInput<float> own(exec, weights), of_classes(exec, plan.class_weights);
  DeviceMatrixOutput<float> slopes(exec, gradient);
  const int64_t count = outputs.rows, pieces = sum_chunks(count);
  const DeviceBuffer<LossSum> rows(exec, count), chunks(exec, pieces);
  const LossPlan on_device{plan.kind, plan.smoothing, of_classes.view()};
  launch_rows(exec, count, LossRow{on_device, x.view(), y.view(), weights.size ? own.data() : nullptr, scale, slopes.view(),
                                   rows.data()});
  launch_rows(exec, pieces, LossChunk{rows.data(), count, chunks.data()});
  launch_rows(exec, 1, JoinLoss{chunks.data(), pieces, total});
  slopes.finish(exec);
}

LossSum loss_gradient(Exec& exec, const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target,
                      ArrayView<const float> weights, float scale, MatrixView<float> gradient) {
  LossSum sum;
  const DeviceBuffer<float> on_device(exec, &scale, 1);
  const DeviceBuffer<LossSum> total(exec, &sum, 1);
  add_loss_gradient(exec, plan, outputs, target, weights, on_device.data(), gradient, total.data());
  total.download(exec, &sum, 1);
  return sum;
}

}  // namespace crisp::gpu
