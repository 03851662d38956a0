#include "nn/batch_step.h"

#include <algorithm>
#include <array>
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

int64_t parts_of(int64_t rows, int64_t part_rows) { return (rows + part_rows - 1) / part_rows; }

/// Parts large enough for the matrix products, small enough that what a thread works on stays in its cache.
int64_t usual_part_rows(int64_t batch) {
  const int64_t rows = (batch + kMostParts - 1) / kMostParts;
  return std::min(batch, std::max(kLeastPartRows, (rows + 15) / 16 * 16));
}

template <class Values>
ArrayView<const float> all(const Values& values) {
  return {values.data(), static_cast<int64_t>(values.size())};
}

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
    : exec_(exec), net_(net), training_(training), data_(data), rows_(data.train), exchange_(peers) {
  const int64_t batch = std::min(training.batch, data.train_rows());
  // A GPU fills itself with whole batches.
  part_rows_ = exec.is_cuda() ? parts_of(batch, exchange_.size()) : rows_of_parts(batch, exchange_.size());
  parts_of_all_ = parts_of(batch, part_rows_);
  const int64_t parts = parts_of(parts_of_all_, exchange_.size());
  gradients_ = memory_.matrix(exec, parts + 1, layout().total());
  works_.resize(static_cast<size_t>(parts));
  if (!exec.is_cuda()) return;
  const int64_t most = std::min(training.batch * training.accumulate, data.train.rows.rows);
  device_.emplace(exec, most, part_rows_, data.train.answers, training.class_weights);
}

void BatchStep::bind(Learned& learned) {
  learned_ = &learned;
  const auto place = [&](std::vector<float>& values) {
    const auto size = static_cast<int64_t>(values.size());
    return exec_.is_cuda() ? memory_.array<float>(exec_, size) : ArrayView<float>{values.data(), size};
  };
  parameters_ = place(learned.parameters);
  first_ = place(learned.first);
  second_ = place(learned.second);
  push();
  read_from(parameters_);
}

void BatchStep::push() {
  if (!exec_.is_cuda()) return;
  const auto there = [&](const std::vector<float>& from, ArrayView<float> to) {
    copy_bytes(exec_, to.data, from.data(), from.size() * sizeof(float));
  };
  there(learned_->parameters, parameters_);
  there(learned_->first, first_);
  there(learned_->second, second_);
}

void BatchStep::pull() {
  if (!exec_.is_cuda()) return;
  const auto here = [&](ArrayView<float> from, std::vector<float>& to) {
    copy_bytes(exec_, to.data(), from.data, to.size() * sizeof(float));
  };
  here(parameters_, learned_->parameters);
  here(first_, learned_->first);
  here(second_, learned_->second);
  exec_.synchronize();
}

void BatchStep::take_rows(const LabelledRows& rows) {
  rows_ = rows;
  rows_moved_ = true;
}

OptimiserState BatchStep::state() const {
  const auto trained = [&](ArrayView<float> values) {
    return ArrayView<float>{values.data, std::min(layout().trained(), values.size)};
  };
  return {trained(parameters_), trained(first_), trained(second_), layout().decayed()};
}

BatchCut BatchStep::cut() const { return {training_.batch, part_rows_, exchange_.rank(), exchange_.size()}; }

MatrixView<float> BatchStep::gradient_rows(int64_t first, int64_t rows) const {
  const MatrixView<float> whole = view(gradients_);
  return {whole.row(first), rows, layout().trained(), whole.ld};  // frozen ones stand behind
}

LossPlan BatchStep::loss_plan() const {
  return {net_.loss, static_cast<float>(training_.smoothing), device_ ? device_->class_weights() : all(training_.class_weights)};
}

/// Values of a row that the mean of its loss divides by.
double BatchStep::values_of_row() const {
  return static_cast<double>(training_.reconstruct ? net_.outputs : data_.train.answers);
}

double BatchStep::weight_of(std::span<const uint32_t> index) {
  const LabelledRows& rows = rows_;
  if (rows.weights.empty() && training_.class_weights.empty()) return static_cast<double>(index.size());
  std::vector<float> target, weights;
  pick(rows.target, index, static_cast<size_t>(rows.answers), target);
  pick(rows.weights, index, 1, weights);
  const LossPlan plan{net_.loss, static_cast<float>(training_.smoothing), all(training_.class_weights)};
  return loss_weight(plan, {target.data(), static_cast<int64_t>(index.size()), rows.answers, rows.answers}, all(weights));
}

std::span<const uint32_t> BatchStep::rows_of_part(const Batch& batch, int64_t place) const {
  const auto begin = static_cast<size_t>(place * part_rows_);
  return batch.index.subspan(begin, std::min(static_cast<size_t>(part_rows_), batch.index.size() - begin));
}

void BatchStep::for_parts(const Batch& batch, const std::function<void(int64_t)>& body) {
  used_ = parts_of(static_cast<int64_t>(batch.index.size()), part_rows_);
  if (device_) {
    for (int64_t place = 0; place < used_; ++place) body(place);
    return;
  }
  exec_.threads().run(used_, [&](int64_t place) {
    const ProductScope scope;
    body(place);
  });
}

/// The part's losses, and their gradient where there is a way back.
void BatchStep::judge_part(const Batch& batch, int64_t place, const Judged& judged) {
  Work& work = works_[static_cast<size_t>(place)];
  const auto index = rows_of_part(batch, place);
  if (device_) return judge_on_device(batch, judged, index);
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

void BatchStep::judge_on_device(const Batch& batch, const Judged& judged, std::span<const uint32_t> index) {
  const auto count = static_cast<int64_t>(index.size());
  const ArrayView<const uint32_t> order{index.data(), count};
  const auto gathered = [&](std::span<const float> from, int64_t width, MatrixView<float> to) {
    const int64_t rows = static_cast<int64_t>(from.size()) / width;
    gather_rows(exec_, {from.data(), rows, width, width}, order, {}, {}, to);
  };
  ArrayView<float> weights{};
  if (!batch.rows.weights.empty()) {
    weights = device_->weights(count);
    gathered(batch.rows.weights, 1, {weights.data, count, 1, 1});
  }
  MatrixView<const float> target = judged.raw;
  if (!training_.reconstruct) {
    gathered(batch.rows.target, batch.rows.answers, device_->target(count));
    target = device_->target(count);
  }
  if (batch.outputs.rows > 0) {
    const auto bytes = [](int64_t values) { return static_cast<size_t>(values) * sizeof(float); };
    copy_rows(exec_, batch.outputs.row(index.data() - device_->order().data()), bytes(batch.outputs.ld), judged.out.data,
              bytes(judged.out.ld), bytes(judged.out.columns), count);
  }
  StepValues* values = device_->values();
  loss_gradient(exec_, loss_plan(), judged.out, target, weights, &values->loss_scale, judged.gradient, &values->loss);
}

void BatchStep::take_share(std::span<const uint32_t> index, Batch& batch) const {
  batch.of_all = static_cast<int64_t>(index.size());
  const Share parts = exchange_.share_of(parts_of(batch.of_all, part_rows_));
  const int64_t begin = std::min(batch.of_all, parts.begin * part_rows_), end = std::min(batch.of_all, parts.end * part_rows_);
  batch.pass.first = begin;
  batch.index = index.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

LossSum BatchStep::losses(bool gradients, bool carried) {
  if (device_ && !exchange_.several()) return {};  // they add up on the device
  std::array<double, 2> sum{};
  const auto add = [&] {
    if (device_) {
      const LossSum own = device_->take_loss();
      sum[0] += own.loss;
      sum[1] += own.weight;
      return;
    }
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

BatchStep::Batch BatchStep::begin_step(std::span<const uint32_t> index, double rate, int64_t step) {
  const double weight = weight_of(index) * values_of_row();
  const auto scale = static_cast<float>(weight > 0 ? 1 / weight : 0);
  Batch batch{rows_, {training_.dropout, training_.seed, step}, scale, index};
  if (!device_) return batch;
  if (rows_moved_) device_->take_rows(rows_);
  rows_moved_ = false;
  const uint64_t stream = static_cast<uint64_t>(step) << 8;
  device_->send({step_numbers(training_.optimiser, rate, step, 1), 0, {}, stream, scale}, index);
  Batch there{device_->rows(), {training_.dropout, training_.seed, 0}, 0, device_->index(static_cast<int64_t>(index.size()))};
  there.pass.moved = &device_->values()->stream;
  return there;
}

LossSum BatchStep::learn_batches(Batch batch) {
  const std::span<const uint32_t> index = batch.index;
  const auto batch_rows = static_cast<size_t>(training_.batch);
  const bool accumulates = index.size() > batch_rows;
  summed_ = accumulates || exchange_.several();
  if (accumulates) clear(exec_, gradients_.rows(0, 1));
  LossSum sum;
  for (size_t begin = 0; begin < index.size(); begin += batch_rows) {
    take_share(index.subspan(begin, std::min(batch_rows, index.size() - begin)), batch);
    learn(batch);
    const LossSum own = losses(true, accumulates);
    sum.loss += own.loss;
    sum.weight += own.weight;
    if (accumulates && !exchange_.several()) sum_gradients(exec_, gradient_rows(0, used_ + 1), nullptr);
  }
  return sum;
}

LossSum BatchStep::gradient(std::span<const uint32_t> index, int64_t step) {
  LossSum sum = learn_batches(begin_step(index, 0, step));
  if (device_ && !exchange_.several()) sum = device_->take_loss();
  scale_ = 1;
  if (training_.clip_norm > 0) {
    scale_ = scale_to_length(sum_gradients(exec_, gradients_at_hand()), training_.clip_norm);
    if (!summed_) used_ = 1;
  }
  sum.weight *= values_of_row();
  return sum;
}

void BatchStep::apply(double rate, int64_t step) {
  optimiser_step(exec_, training_.optimiser, rate, step, scale_, gradients_at_hand(), state());
}

/// What is queued here depends on the number of rows alone: it may be recorded.
void BatchStep::queue_step(int64_t rows, const Batch& batch) {
  device_->run(rows, [&] {
    learn_batches(batch);
    StepValues* values = device_->values();
    if (training_.clip_norm > 0) {
      sum_gradients(exec_, gradients_at_hand(), &values->squares);
      set_scale(exec_, &values->squares, training_.clip_norm, &values->numbers);
    }
    optimiser_step(exec_, training_.optimiser.kind, &values->numbers, gradients_at_hand(), state());
  });
}

void BatchStep::take_step(std::span<const uint32_t> index, double rate, int64_t step) {
  if (device_ && !exchange_.several()) {
    queue_step(static_cast<int64_t>(index.size()), begin_step(index, rate, step));
    return device_->expect_loss(step);
  }
  const LossSum sum = gradient(index, step);
  if (std::isfinite(sum.loss)) apply(rate, step);
  losses_.push_back({step, sum});
}

std::optional<StepLoss> BatchStep::next_loss(bool all) {
  if (losses_.empty()) {
    auto late = device_ ? device_->next_loss(all) : std::nullopt;
    if (late) late->sum.weight *= values_of_row();
    return late;
  }
  const StepLoss first = losses_.front();
  losses_.pop_front();
  return first;
}

void BatchStep::forget_steps() {
  losses_.clear();
  if (device_) device_->forget();
}

LossSum BatchStep::evaluate(const LabelledRows& rows, MatrixView<float> outputs) {
  begin_evaluation();
  std::vector<uint32_t> order(device_ ? 0 : static_cast<size_t>(rows.rows.rows));
  std::iota(order.begin(), order.end(), 0u);
  if (device_) device_->send({}, {});
  Batch batch{device_ ? device_->judged_rows(rows, rows.rows.data == data_.validation.rows.data) : rows, {}};
  const std::span<const uint32_t> index = device_ ? device_->order().first(static_cast<size_t>(rows.rows.rows)) : order;
  const auto stride = static_cast<size_t>(parts_of_all_ * part_rows_);
  LossSum sum;
  batch.outputs = outputs;
  if (exchange_.several()) clear(outputs);
  for (size_t begin = 0; begin < index.size(); begin += stride) {
    take_share(index.subspan(begin, std::min(stride, index.size() - begin)), batch);
    look(batch);
    const LossSum own = losses(false, false);
    sum.loss += own.loss;
    sum.weight += own.weight;
  }
  if (device_ && !exchange_.several()) sum = device_->take_loss();
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
