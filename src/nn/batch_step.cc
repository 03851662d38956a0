#include "nn/batch_step.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <functional>
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
    works_.push_back({net.make_part(part_rows_, true), {}, net.bind(gradients_.select(0, k + 1)), {}, {}, {}});
    works_.back().whole.first = k * part_rows_;
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

std::span<const uint32_t> BatchStep::Batch::of_part(int64_t part, int64_t part_rows) const {
  const auto begin = static_cast<size_t>(part * part_rows);
  return index.subspan(begin, std::min(static_cast<size_t>(part_rows), index.size() - begin));
}

void BatchStep::for_parts(const Batch& batch, const std::function<void(int64_t)>& body) {
  used_ = (static_cast<int64_t>(batch.index.size()) + part_rows_ - 1) / part_rows_;
  exec_.threads().run(used_, [&](int64_t place) {
    const ProductScope scope;
    body(place);
  });
}

Part& BatchStep::begin_part(const Batch& batch, int64_t place) {
  Work& work = works_[static_cast<size_t>(place)];
  const auto index = batch.of_part(place, part_rows_);
  const auto count = static_cast<int64_t>(index.size());
  if (work.part.rows != count) work.part = net_.narrow(work.whole, count);
  gather_rows(exec_, batch.rows.rows, {index.data(), count}, {}, {}, view(work.part.raw));
  return work.part;
}

/// The part's losses, and their gradient where there is a way back.
void BatchStep::judge_part(const Batch& batch, int64_t place) {
  Work& work = works_[static_cast<size_t>(place)];
  const auto index = batch.of_part(place, part_rows_);
  pick(batch.rows.weights, index, work.weights);
  const MatrixView<float> out = view(work.part.out.back()), gradient = view(work.part.gradient.back());
  if (training_.reconstruct) {
    work.loss = loss_gradient(exec_, loss_plan(), out, view(work.part.raw), all(work.weights), batch.scale, gradient);
    return;
  }
  pick(batch.rows.target, index, work.target);
  work.loss = loss_gradient(exec_, loss_plan(), out, {work.target.data(), work.part.rows, 1, 1}, all(work.weights), batch.scale, gradient);
}

/// Each part goes all the way by itself: what a thread works on stays in its cache.
void BatchStep::learn(const Batch& batch) {
  for_parts(batch, [&](int64_t place) {
    const Part& part = begin_part(batch, place);
    net_.forward(exec_, batch.arrays, norms_, part, batch.pass);
    judge_part(batch, place);
    net_.backward(exec_, batch.arrays, part, batch.pass, works_[static_cast<size_t>(place)].gradients);
  });
}

/// Batch norm asks for the sums over all parts between a product and its activation.
void BatchStep::learn_by_batch(const Batch& batch) {
  const auto rows = static_cast<int64_t>(batch.index.size());
  const size_t last = net_.products() - 1;
  const auto part = [&](int64_t place) -> Part& { return works_[static_cast<size_t>(place)].part; };
  const auto gradients = [&](int64_t place) -> Arrays& { return works_[static_cast<size_t>(place)].gradients; };
  for (size_t k = 0; k < last; ++k) {
    for_parts(batch, [&](int64_t place) {
      if (k == 0) net_.encode(exec_, batch.arrays, begin_part(batch, place));
      net_.multiply(batch.arrays, part(place), k);
      batch_sums(exec_, view(part(place).sums[k]), norms_.sums_of_part(k, place));
    });
    batch_statistics(exec_, norms_.join(exec_, k, used_), rows, BatchNorms::kEpsilon, BatchNorms::kMomentum, norms_.statistics(k));
    for_parts(batch, [&](int64_t place) { net_.finish(exec_, batch.arrays, norms_, part(place), batch.pass, k); });
  }
  for_parts(batch, [&](int64_t place) {
    if (last == 0) net_.encode(exec_, batch.arrays, begin_part(batch, place));
    net_.multiply(batch.arrays, part(place), last);
    net_.finish(exec_, batch.arrays, norms_, part(place), batch.pass, last);
    judge_part(batch, place);
    net_.unfinish(exec_, batch.arrays, part(place), batch.pass, gradients(place), last);
    net_.unmultiply(batch.arrays, part(place), gradients(place), last);
  });
  for (size_t k = last; k-- > 0;) {
    for_parts(batch, [&](int64_t place) {
      net_.unfinish(exec_, batch.arrays, part(place), batch.pass, gradients(place), k);
      batch_gradient_sums(exec_, view(part(place).sums[k]), norms_.statistics(k), view(part(place).gradient[k]),
                          norms_.sums_of_part(k, place), gradients(place).scale[k], gradients(place).bias[k]);
    });
    const MatrixView<const double> sums = norms_.join(exec_, k, used_);
    for_parts(batch, [&](int64_t place) {
      batch_gradient(exec_, view(part(place).sums[k]), norms_.statistics(k), batch.arrays.scale[k], sums, rows,
                     view(part(place).gradient[k]));
      net_.unmultiply(batch.arrays, part(place), gradients(place), k);
    });
  }
  for_parts(batch, [&](int64_t place) { net_.unencode(exec_, part(place), gradients(place)); });
}

void BatchStep::look(const Batch& batch) {
  for_parts(batch, [&](int64_t place) {
    net_.forward(exec_, batch.arrays, norms_, begin_part(batch, place), batch.pass);
    judge_part(batch, place);
  });
}

LossSum BatchStep::losses(int64_t parts) const {
  LossSum sum;
  for (int64_t k = 0; k < parts; ++k) {
    sum.loss += works_[static_cast<size_t>(k)].loss.loss;
    sum.weight += works_[static_cast<size_t>(k)].loss.weight;
  }
  return sum;
}

void BatchStep::bind_norms(const Arrays& arrays) {
  if (norms_of_ == arrays.all().data) return;
  norms_ = BatchNorms(arrays, static_cast<int64_t>(works_.size()));
  norms_of_ = arrays.all().data;
}

LossSum BatchStep::gradient(const Arrays& arrays, std::span<const uint32_t> index, int64_t step) {
  bind_norms(arrays);
  const double weight = weight_of(index) * (training_.reconstruct ? static_cast<double>(net_.shape().outputs) : 1.0);
  const auto batch_rows = static_cast<size_t>(training_.batch);
  Batch batch{arrays, data_.train, {}, {training_.dropout, training_.seed, step}, static_cast<float>(weight > 0 ? 1 / weight : 0)};
  LossSum sum;
  summed_ = index.size() > batch_rows;
  if (summed_) gradients_.select(0, 0).zero_();
  for (size_t begin = 0; begin < index.size(); begin += batch_rows) {
    batch.index = index.subspan(begin, std::min(batch_rows, index.size() - begin));
    net_.by_batch() ? learn_by_batch(batch) : learn(batch);
    const LossSum own = losses(used_);
    sum.loss += own.loss;
    sum.weight += own.weight;
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
  bind_norms(arrays);
  norms_.use_running(exec_);
  std::vector<uint32_t> index(static_cast<size_t>(rows.rows.rows));
  std::iota(index.begin(), index.end(), 0);
  LossSum sum;
  const size_t stride = works_.size() * static_cast<size_t>(part_rows_);
  for (size_t begin = 0; begin < index.size(); begin += stride) {
    look({arrays, rows, std::span<const uint32_t>(index).subspan(begin, std::min(stride, index.size() - begin)), {}, 0});
    const LossSum own = losses(used_);
    sum.loss += own.loss;
    sum.weight += own.weight;
  }
  if (training_.reconstruct) sum.weight *= static_cast<double>(net_.shape().outputs);
  return sum;
}

}  // namespace crisp::nn
