#include "nn/feed_forward_step.h"

#include "kernels/training/gather.h"

namespace crisp::nn {

FeedForwardStep::FeedForwardStep(Exec& exec, const FeedForward& net, const NetTraining& training, const FitData& data, Peers* peers)
    : BatchStep(exec, {net.layout(), net.shape().loss, net.shape().outputs}, training, data, peers), net_(net), half_(training.half) {
  for (int64_t k = 0; k < parts(); ++k) {
    places_.push_back({net.make_part(exec, part_rows(), true, half_), {}, net.bind(exec, gradient_of_part(k))});
    if (half_) net.halve(exec, places_.back().gradients);
    places_.back().whole.first = k * part_rows();
  }
}

void FeedForwardStep::read_from(ArrayView<float> parameters) {
  arrays_ = learning_ = net_.bind(exec(), parameters);
  if (half_) net_.halve(exec(), learning_);
  norms_ = BatchNorms(exec(), arrays_, parts());
}

void FeedForwardStep::begin_evaluation() { norms_.use_running(exec()); }

Part& FeedForwardStep::begin_part(const Batch& batch, int64_t place) {
  Place& at = places_[static_cast<size_t>(place)];
  const auto index = rows_of_part(batch, place);
  const auto count = static_cast<int64_t>(index.size());
  if (at.part.rows != count) at.part = net_.narrow(exec(), at.whole, count);
  gather_rows(exec(), batch.rows.rows, {index.data(), count}, {}, {}, view(at.part.raw));
  return at.part;
}

void FeedForwardStep::judge(const Batch& batch, int64_t place) {
  const Part& part = places_[static_cast<size_t>(place)].part;
  judge_part(batch, place, {view(part.out.back()), view(part.raw), view(part.gradient.back())});
}

void FeedForwardStep::learn(const Batch& batch) {
  FeedForward::round(learning_);
  net_.by_batch() ? learn_by_batch(batch) : learn_by_part(batch);
}

/// Each part goes all the way by itself: what a thread works on stays in its cache.
void FeedForwardStep::learn_by_part(const Batch& batch) {
  for_parts(batch, [&](int64_t place) {
    const Part& part = begin_part(batch, place);
    net_.forward(exec(), learning_, norms_, part, batch.pass);
    judge(batch, place);
    net_.backward(exec(), learning_, part, batch.pass, places_[static_cast<size_t>(place)].gradients);
  });
}

/// Batch norm asks for the sums over all parts between a product and its activation.
void FeedForwardStep::learn_by_batch(const Batch& batch) {
  const size_t last = net_.products() - 1;
  const auto part = [&](int64_t place) -> Part& { return places_[static_cast<size_t>(place)].part; };
  const auto gradients = [&](int64_t place) -> Arrays& { return places_[static_cast<size_t>(place)].gradients; };
  for (size_t k = 0; k < last; ++k) {
    for_parts(batch, [&](int64_t place) {
      if (k == 0) net_.encode(exec(), learning_, begin_part(batch, place));
      net_.multiply(exec(), learning_, part(place), k);
      batch_sums(exec(), view(part(place).sums[k]), norms_.sums_of_part(k, place));
    });
    batch_statistics(exec(), norms_.join(exec(), exchange(), k, used()), batch.of_all, BatchNorms::kEpsilon, BatchNorms::kMomentum,
                     norms_.statistics(k));
    for_parts(batch, [&](int64_t place) { net_.finish(exec(), learning_, norms_, part(place), batch.pass, k); });
  }
  for_parts(batch, [&](int64_t place) {
    if (last == 0) net_.encode(exec(), learning_, begin_part(batch, place));
    net_.multiply(exec(), learning_, part(place), last);
    net_.finish(exec(), learning_, norms_, part(place), batch.pass, last);
    judge(batch, place);
    net_.unfinish(exec(), learning_, part(place), batch.pass, gradients(place), last);
    net_.unmultiply(exec(), learning_, part(place), gradients(place), last);
  });
  for (size_t k = last; k-- > 0;) {
    for_parts(batch, [&](int64_t place) {
      net_.unfinish(exec(), learning_, part(place), batch.pass, gradients(place), k);
      batch_gradient_sums(exec(), view(part(place).sums[k]), norms_.statistics(k), view(part(place).gradient[k]),
                          norms_.sums_of_part(k, place), gradients(place).scale[k], gradients(place).bias[k]);
    });
    const MatrixView<const double> sums = norms_.join(exec(), exchange(), k, used());
    for_parts(batch, [&](int64_t place) {
      batch_gradient(exec(), view(part(place).sums[k]), norms_.statistics(k), learning_.scale[k], sums, batch.of_all,
                     view(part(place).gradient[k]));
      net_.unmultiply(exec(), learning_, part(place), gradients(place), k);
    });
  }
  for_parts(batch, [&](int64_t place) { net_.unencode(exec(), part(place), gradients(place)); });
}

void FeedForwardStep::look(const Batch& batch) {
  for_parts(batch, [&](int64_t place) {
    net_.forward(exec(), arrays_, norms_, begin_part(batch, place), batch.pass);
    judge(batch, place);
  });
}

}  // namespace crisp::nn
