#include "nn/batch_step.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "cuda/error.h"
#include "nn/product_scope.h"
#include "nn/tensor_view.h"

namespace crisp::nn {
namespace {

constexpr int64_t kMostParts = 8;
constexpr int64_t kLeastPartRows = 128;

int64_t parts_of(int64_t rows, int64_t part_rows) { return (rows + part_rows - 1) / part_rows; }

/// Parts large enough for the matrix products, small enough that what a thread works on stays in its cache.
int64_t usual_part_rows(int64_t batch) {
  const int64_t rows = (batch + kMostParts - 1) / kMostParts;
  return std::min(batch, std::max(kLeastPartRows, (rows + 15) / 16 * 16));
}

ArrayView<const float> all(const std::vector<float>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }

void clear(MatrixView<float> matrix) {
  for (int64_t i = 0; i < matrix.rows; ++i) std::fill_n(matrix.row(i), matrix.columns, 0.0f);
}

/// `width` numbers of each row.
void pick(std::span<const float> from, std::span<const uint32_t> index, size_t width, std::vector<float>& to) {
  to.resize(from.empty() ? 0 : index.size() * width);
  if (to.empty()) return;
  for (size_t i = 0; i < index.size(); ++i) std::copy_n(from.data() + index[i] * width, width, to.data() + i * width);
}

}  // namespace

int64_t BatchStep::rows_of_parts(int64_t batch, int64_t processes) {
  const int64_t rows = usual_part_rows(batch);
  // More processes than parts: each one's share is cut as a batch of its own.
  return parts_of(batch, rows) >= processes ? rows : usual_part_rows(parts_of(batch, processes));
}

BatchStep::BatchStep(Exec& exec, const NetFacts& net, const NetTraining& training, const FitData& data, Peers* peers)
    : exec_(exec), net_(net), training_(training), data_(data), exchange_(peers) {
  const int64_t batch = std::min(training.batch, data.train.rows.rows);
  part_rows_ = rows_of_parts(batch, exchange_.size());
  parts_of_all_ = parts_of(batch, part_rows_);
  const int64_t parts = parts_of(parts_of_all_, exchange_.size());
  gradients_ = at::zeros({parts + 1, layout().total()}, at::kFloat);
  works_.resize(static_cast<size_t>(parts));
}

MatrixView<float> BatchStep::gradient_rows(int64_t first, int64_t rows) const {
  const MatrixView<float> whole = view(gradients_);
  return {whole.row(first), rows, layout().trained(), whole.ld};  // frozen ones stand behind
}

LossPlan BatchStep::loss_plan() const {
  return {net_.loss, static_cast<float>(training_.smoothing), all(training_.class_weights)};
}

/// Values of a row that the mean of its loss divides by.
double BatchStep::values_of_row() const {
  return static_cast<double>(training_.reconstruct ? net_.outputs : data_.train.answers);
}

double BatchStep::weight_of(std::span<const uint32_t> index) {
  const LabelledRows& rows = data_.train;
  if (rows.weights.empty() && training_.class_weights.empty()) return static_cast<double>(index.size());
  std::vector<float> target, weights;
  pick(rows.target, index, static_cast<size_t>(rows.answers), target);
  pick(rows.weights, index, 1, weights);
  return loss_weight(loss_plan(), {target.data(), static_cast<int64_t>(index.size()), rows.answers, rows.answers}, all(weights));
}

std::span<const uint32_t> BatchStep::rows_of_part(const Batch& batch, int64_t place) const {
  const auto begin = static_cast<size_t>(place * part_rows_);
  return batch.index.subspan(begin, std::min(static_cast<size_t>(part_rows_), batch.index.size() - begin));
}

void BatchStep::for_parts(const Batch& batch, const std::function<void(int64_t)>& body) {
  used_ = parts_of(static_cast<int64_t>(batch.index.size()), part_rows_);
  exec_.threads().run(used_, [&](int64_t place) {
    const ProductScope scope;
    body(place);
  });
}

/// The part's losses, and their gradient where there is a way back.
void BatchStep::judge_part(const Batch& batch, int64_t place, const Judged& judged) {
  Work& work = works_[static_cast<size_t>(place)];
  const auto index = rows_of_part(batch, place);
  pick(batch.rows.weights, index, 1, work.weights);
  MatrixView<const float> target = judged.raw;
  if (!training_.reconstruct) {
    const int64_t answers = batch.rows.answers;
    pick(batch.rows.target, index, static_cast<size_t>(answers), work.target);
    target = {work.target.data(), judged.out.rows, answers, answers};
  }
  for (size_t i = 0; batch.outputs.rows > 0 && i < index.size(); ++i) {
    std::copy_n(judged.out.row(static_cast<int64_t>(i)), judged.out.columns, batch.outputs.row(index[i]));
  }
  work.loss = loss_gradient(exec_, loss_plan(), judged.out, target, all(work.weights), batch.scale, judged.gradient);
}

void BatchStep::take_share(std::span<const uint32_t> index, Batch& batch) const {
  batch.of_all = static_cast<int64_t>(index.size());
  const Exchange::Share parts = exchange_.share_of(parts_of(batch.of_all, part_rows_));
  const int64_t begin = std::min(batch.of_all, parts.begin * part_rows_), end = std::min(batch.of_all, parts.end * part_rows_);
  batch.pass.first = begin;
  batch.index = index.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

LossSum BatchStep::losses(bool gradients, bool carried) {
  std::array<double, 2> sum{};
  const auto add = [&] {
    for (int64_t k = 0; k < used_; ++k) {
      sum[0] += works_[static_cast<size_t>(k)].loss.loss;
      sum[1] += works_[static_cast<size_t>(k)].loss.weight;
    }
  };
  if (gradients && exchange_.several()) {
    exchange_.sum(sum, add, exec_, gradient_rows(0, used_ + 1), carried);
  } else {
    exchange_.sum(sum, add);
  }
  return {sum[0], sum[1]};
}

LossSum BatchStep::gradient(std::span<const uint32_t> index, int64_t step) {
  const double weight = weight_of(index) * values_of_row();
  const auto batch_rows = static_cast<size_t>(training_.batch);
  Batch batch{data_.train, {training_.dropout, training_.seed, step}, static_cast<float>(weight > 0 ? 1 / weight : 0)};
  LossSum sum;
  const bool accumulates = index.size() > batch_rows;
  summed_ = accumulates || exchange_.several();
  if (accumulates) gradients_.select(0, 0).zero_();
  for (size_t begin = 0; begin < index.size(); begin += batch_rows) {
    take_share(index.subspan(begin, std::min(batch_rows, index.size() - begin)), batch);
    learn(batch);
    const LossSum own = losses(true, accumulates);
    sum.loss += own.loss;
    sum.weight += own.weight;
    if (accumulates && !exchange_.several()) sum_gradients(exec_, gradient_rows(0, used_ + 1));
  }
  scale_ = 1;
  if (training_.clip_norm > 0) {
    const double length = std::sqrt(sum_gradients(exec_, summed_ ? gradient_rows(0, 1) : gradient_rows(1, used_)));
    if (!summed_) used_ = 1;
    scale_ = std::min(1.0, training_.clip_norm / (length + 1e-6));  // as torch.nn.utils.clip_grad_norm_
  }
  sum.weight *= values_of_row();
  return sum;
}

void BatchStep::apply(double rate, int64_t step, const OptimiserState& state) {
  const MatrixView<float> gradients = summed_ ? gradient_rows(0, 1) : gradient_rows(1, used_);
  optimiser_step(exec_, training_.optimiser, rate, step, scale_, gradients, state);
}

LossSum BatchStep::evaluate(const LabelledRows& rows, MatrixView<float> outputs) {
  begin_evaluation();
  std::vector<uint32_t> index(static_cast<size_t>(rows.rows.rows));
  std::iota(index.begin(), index.end(), 0);
  LossSum sum;
  const auto stride = static_cast<size_t>(parts_of_all_ * part_rows_);
  Batch batch{rows, {}};
  batch.outputs = outputs;
  if (exchange_.several()) clear(outputs);
  for (size_t begin = 0; begin < index.size(); begin += stride) {
    take_share(std::span<const uint32_t>(index).subspan(begin, std::min(stride, index.size() - begin)), batch);
    look(batch);
    const LossSum own = losses(false, false);
    sum.loss += own.loss;
    sum.weight += own.weight;
  }
  sum.weight *= values_of_row();
  if (exchange_.several()) share(outputs);
  return sum;
}

/// Each process has put its own rows' outputs into it, and 0 elsewhere: all get all of them.
void BatchStep::share(MatrixView<float> outputs) {
  std::vector<double> values(static_cast<size_t>(outputs.rows * outputs.columns));
  const auto each = [&](auto use) {
    for (int64_t i = 0; i < outputs.rows; ++i) {
      for (int64_t j = 0; j < outputs.columns; ++j) use(outputs.at(i, j), values[static_cast<size_t>(i * outputs.columns + j)]);
    }
  };
  exchange_.sum(values, [&] { each([](float own, double& value) { value += own; }); });
  each([](float& own, double value) { own = static_cast<float>(value); });
}

}  // namespace crisp::nn
