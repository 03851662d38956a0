#include "nn/batch_step.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "kernels/training/gather.h"
#include "nn/product_scope.h"

namespace crisp::nn {
namespace {

constexpr int64_t kMostParts = 8;
constexpr int64_t kLeastPartRows = 128;

/// Parts large enough for the matrix products, small enough that what a thread works on stays in its cache.
int64_t part_rows(int64_t batch) {
  const int64_t rows = (batch + kMostParts - 1) / kMostParts;
  return std::min(batch, std::max(kLeastPartRows, (rows + 15) / 16 * 16));
}

ArrayView<const float> all(const std::vector<float>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }

void pick(std::span<const float> from, std::span<const uint32_t> index, std::vector<float>& to) {
  to.resize(from.empty() ? 0 : index.size());
  for (size_t i = 0; i < to.size(); ++i) to[i] = from[index[i]];
}

}  // namespace

BatchStep::BatchStep(Exec& exec, const FeedForward& net, const NetTraining& training, const FitData& data)
    : exec_(exec), net_(net), training_(training), data_(data) {
  const int64_t batch = std::min(training.batch, data.train.rows.rows);
  part_rows_ = part_rows(batch);
  const int64_t parts = (batch + part_rows_ - 1) / part_rows_;
  gradients_ = at::zeros({parts + 1, net.layout().total()}, at::kFloat);
  for (int64_t k = 0; k < parts; ++k) {
    works_.push_back({net.make_part(part_rows_, true), net.bind(gradients_.select(0, k + 1)), {}, {}, {}});
    works_.back().part.first = k * part_rows_;
  }
}

MatrixView<float> BatchStep::gradient_rows(int64_t first, int64_t rows) const {
  const MatrixView<float> whole = view(gradients_);
  return {whole.row(first), rows, whole.columns, whole.ld};
}

LossPlan BatchStep::loss_plan() const {
  return {net_.shape().loss, static_cast<float>(training_.smoothing), all(training_.class_weights)};
}

double BatchStep::weight_of(std::span<const uint32_t> index) {
  const LabelledRows& rows = data_.train;
  if (rows.weights.empty() && training_.class_weights.empty()) return static_cast<double>(index.size());
  std::vector<float> target, weights;
  pick(rows.target, index, target);
  pick(rows.weights, index, weights);
  return loss_weight(loss_plan(), {target.data(), static_cast<int64_t>(target.size()), 1, 1}, all(weights));
}

LossSum BatchStep::loss_of(const LabelledRows& rows, std::span<const uint32_t> index, Work& work, const Part& part,
                           float scale) const {
  pick(rows.weights, index, work.weights);
  const MatrixView<float> out = view(part.out.back());
  if (training_.reconstruct) {
    return loss_gradient(exec_, loss_plan(), out, view(part.raw), all(work.weights), scale, view(part.gradient.back()));
  }
  pick(rows.target, index, work.target);
  return loss_gradient(exec_, loss_plan(), out, {work.target.data(), part.rows, 1, 1}, all(work.weights), scale,
                       view(part.gradient.back()));
}

void BatchStep::run_part(const Arrays& arrays, const LabelledRows& rows, std::span<const uint32_t> index, size_t place,
                         float scale, int64_t step, bool backward) {
  const ProductScope scope;
  Work& work = works_[place];
  const auto count = static_cast<int64_t>(index.size());
  const Part part = count == part_rows_ ? work.part : net_.narrow(work.part, count);
  const double dropout = backward ? training_.dropout : 0;
  gather_rows(exec_, rows.rows, {index.data(), count}, {}, {}, view(part.raw));
  net_.forward(exec_, arrays, part, dropout, training_.seed, step);
  work.loss = loss_of(rows, index, work, part, scale);
  if (backward) net_.backward(exec_, arrays, part, dropout, training_.seed, step, work.gradients);
}

void BatchStep::one_batch(const Arrays& arrays, std::span<const uint32_t> index, float scale, int64_t step) {
  const auto rows = static_cast<int64_t>(index.size());
  used_ = (rows + part_rows_ - 1) / part_rows_;
  exec_.threads().run(used_, [&](int64_t k) {
    const int64_t begin = k * part_rows_;
    const auto own = index.subspan(static_cast<size_t>(begin), static_cast<size_t>(std::min(part_rows_, rows - begin)));
    run_part(arrays, data_.train, own, static_cast<size_t>(k), scale, step, true);
  });
}

LossSum BatchStep::gradient(const Arrays& arrays, std::span<const uint32_t> index, int64_t step) {
  const double weight = weight_of(index) * (training_.reconstruct ? static_cast<double>(net_.shape().outputs) : 1.0);
  const auto scale = static_cast<float>(weight > 0 ? 1 / weight : 0);
  const auto batch = static_cast<size_t>(training_.batch);
  LossSum sum;
  summed_ = index.size() > batch;
  if (summed_) gradients_.select(0, 0).zero_();
  for (size_t begin = 0; begin < index.size(); begin += batch) {
    one_batch(arrays, index.subspan(begin, std::min(batch, index.size() - begin)), scale, step);
    for (int64_t k = 0; k < used_; ++k) {
      sum.loss += works_[static_cast<size_t>(k)].loss.loss;
      sum.weight += works_[static_cast<size_t>(k)].loss.weight;
    }
    if (summed_) sum_gradients(exec_, gradient_rows(0, used_ + 1));
  }
  scale_ = 1;
  if (training_.clip_norm > 0) {
    const double length = std::sqrt(sum_gradients(exec_, summed_ ? gradient_rows(0, 1) : gradient_rows(1, used_)));
    if (!summed_) used_ = 1;
    scale_ = std::min(1.0, training_.clip_norm / (length + 1e-6));  // as torch.nn.utils.clip_grad_norm_
  }
  if (training_.reconstruct) sum.weight *= static_cast<double>(net_.shape().outputs);
  return sum;
}

void BatchStep::apply(double rate, int64_t step, const OptimiserState& state) {
  const MatrixView<float> gradients = summed_ ? gradient_rows(0, 1) : gradient_rows(1, used_);
  optimiser_step(exec_, training_.optimiser, rate, step, scale_, gradients, state);
}

LossSum BatchStep::evaluate(const Arrays& arrays, const LabelledRows& rows) {
  std::vector<uint32_t> index(static_cast<size_t>(rows.rows.rows));
  std::iota(index.begin(), index.end(), 0);
  LossSum sum;
  const size_t stride = works_.size() * static_cast<size_t>(part_rows_);
  for (size_t begin = 0; begin < index.size(); begin += stride) {
    const auto batch = std::span<const uint32_t>(index).subspan(begin, std::min(stride, index.size() - begin));
    const size_t size = static_cast<size_t>(part_rows_), parts = (batch.size() + size - 1) / size;
    exec_.threads().run(static_cast<int64_t>(parts), [&](int64_t k) {
      const size_t first = static_cast<size_t>(k) * size;
      run_part(arrays, rows, batch.subspan(first, std::min(size, batch.size() - first)), static_cast<size_t>(k), 0, 0, false);
    });
    for (size_t k = 0; k < parts; ++k) {
      sum.loss += works_[k].loss.loss;
      sum.weight += works_[k].loss.weight;
    }
  }
  if (training_.reconstruct) sum.weight *= static_cast<double>(net_.shape().outputs);
  return sum;
}

}  // namespace crisp::nn
