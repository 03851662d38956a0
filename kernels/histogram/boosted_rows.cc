#include "kernels/histogram/boosted_rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cuda/error.h"
#include "cuda/random.h"
#include "kernels/histogram/leaf_values.h"
#include "kernels/training/gather.h"

namespace crisp {
namespace {

/// The values themselves on the host, a copy in `resident` for a GPU.
std::span<const float> bring(Exec& exec, std::span<const float> values, Resident<float>& resident) {
  if (!exec.is_cuda() || values.empty()) return values;
  resident = Resident<float>(exec, values.data(), static_cast<int64_t>(values.size()));
  return {resident.data(), values.size()};
}

}  // namespace

BoostedRows::BoostedRows(Exec& exec, TrainingRows rows, std::span<const float> target, std::span<const float> weights, int64_t outputs,
                         const RowShare& share)
    : exec_(exec), share_(share), count_(rows.binned().rows()), outputs_(outputs), rows_(std::move(rows)), scores_(exec, count_ * outputs) {
  if (rows_.binned().columns.rows == 0) return;
  CRISP_ASSERT(static_cast<int64_t>(target.size()) == count_ && (weights.empty() || weights.size() == target.size()));
  target_ = bring(exec, target, resident_target_);
  weights_ = bring(exec, weights, resident_weights_);
  if (outputs > 1) shares_ = Resident<float>(exec, count_ * outputs);
  index_ = Resident<uint32_t>(exec, count_);
}

void BoostedRows::fill_scores(std::span<const double> base) {
  std::vector<float> memory(exec_.is_cuda() ? static_cast<size_t>(count_ * outputs_) : 0);
  float* const all = exec_.is_cuda() ? memory.data() : scores_.data();
  for (int64_t i = 0; i < count_ * outputs_; ++i) all[i] = static_cast<float>(base[static_cast<size_t>(i % outputs_)]);
  if (exec_.is_cuda()) scores_.assign(exec_, all, count_ * outputs_);
}

void BoostedRows::set_scores(MatrixView<const float> scores) {
  CRISP_ASSERT(scores.rows == count_ && scores.columns == outputs_ && scores.ld == outputs_);
  scores_.assign(exec_, scores.data, count_ * outputs_);
}

MatrixView<const float> BoostedRows::scores_on_host() {
  if (!exec_.is_cuda()) return matrix(scores_);
  scores_on_host_.resize(static_cast<size_t>(count_ * outputs_));
  scores_.copy_to_host(exec_, scores_on_host_.data(), count_ * outputs_);
  return {scores_on_host_.data(), count_, outputs_, outputs_};
}

std::vector<float> BoostedRows::some_scores(int64_t stride) {
  std::vector<uint32_t> chosen;
  for (int64_t i = (stride - share_.first % stride) % stride; i < count_; i += stride) chosen.push_back(static_cast<uint32_t>(i));
  const auto count = static_cast<int64_t>(chosen.size());
  std::vector<float> out(static_cast<size_t>(count * outputs_));
  gather_rows(exec_, matrix(scores_), {chosen.data(), count}, {}, {}, {out.data(), count, outputs_, outputs_});
  return out;
}

GradientRows BoostedRows::gradient_rows() const { return {target_, weights_, matrix(outputs_ > 1 ? shares_ : scores_)}; }

void BoostedRows::begin_round() {
  if (outputs_ > 1) shares_of_classes(exec_, matrix(scores_), matrix(shares_));
}

RoundScale BoostedRows::write_words(const ObjectivePlan& plan, int64_t output, uint32_t key) {
  const RoundScale scale = round_scale(exec_, plan, gradient_rows(), output, share_);
  write_gradients(exec_, plan, gradient_rows(), output, scale, key, share_.first, rows_.binned());
  return scale;
}

ArrayView<uint32_t> BoostedRows::choose_rows(double share, uint64_t seed, uint64_t stream) {
  chosen_ = count_;
  if (share >= 1 && all_rows_.size() == count_ && exec_.is_cuda()) {
    index_.assign(exec_, all_rows_.data(), count_);
    return index_.view();
  }
  std::vector<uint32_t> memory(exec_.is_cuda() ? static_cast<size_t>(count_) : 0);
  uint32_t* const out = exec_.is_cuda() ? memory.data() : index_.data();
  if (share >= 1) {
    std::iota(out, out + count_, 0u);
  } else {
    chosen_ = 0;
    for (int64_t i = 0; i < count_; ++i) {
      out[chosen_] = static_cast<uint32_t>(i);
      chosen_ += random_uniform(seed, stream, static_cast<uint64_t>(share_.first + i)) < share;
    }
  }
  if (exec_.is_cuda()) index_.assign(exec_, out, chosen_);
  if (exec_.is_cuda() && share >= 1) all_rows_ = Resident<uint32_t>(exec_, out, count_);
  return {index_.data(), chosen_};
}

std::vector<uint32_t> BoostedRows::chosen_on_host() const {
  std::vector<uint32_t> out(static_cast<size_t>(chosen_));
  index_.copy_to_host(exec_, out.data(), chosen_);
  return out;
}

void BoostedRows::add(const GrownTree& tree, int64_t output) {
  if (count_ == 0) return;
  if (index_.size() > 0 && chosen_ == count_) return add_leaf_values(exec_, tree, index_.view(), matrix(scores_), output);
  add_tree_values(exec_, tree, rows_.binned().records, matrix(scores_), output);
}

}  // namespace crisp
