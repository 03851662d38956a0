/// One step of training: a batch, cut into parts that threads take, to the gradient of its mean loss.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "nn/feed_forward.h"

namespace crisp::nn {

/// A batch is cut by its size alone, and the parts' gradients are added in order, so results do not depend on the number
/// of threads.
class BatchStep {
 public:
  BatchStep(Exec& exec, const FeedForward& net, const NetTraining& training, const FitData& data);

  /// The gradient of the mean loss over rows `index` of the training rows (up to batch * accumulate of them), ready for apply().
  LossSum gradient(const Arrays& arrays, std::span<const uint32_t> index, int64_t step);
  /// One step of the optimiser with that gradient; step >= 1.
  void apply(double rate, int64_t step, const OptimiserState& state);

  /// The loss over all of `rows`, without dropout.
  LossSum evaluate(const Arrays& arrays, const LabelledRows& rows);

 private:
  /// Buffers of a part beside those of the net.
  struct Work {
    Part whole, part;   // part: whole, or the beginning of it
    Arrays gradients;
    std::vector<float> target, weights;
    LossSum loss;
  };
  /// Rows of a batch, and how they go through the net.
  struct Batch {
    const Arrays& arrays;
    const LabelledRows& rows;
    std::span<const uint32_t> index;
    Pass pass;
    float scale = 0;
    std::span<const uint32_t> of_part(int64_t part, int64_t part_rows) const;
  };
  void learn(const Batch& batch);
  void learn_by_batch(const Batch& batch);
  void look(const Batch& batch);
  /// The part of `place`, cut to its rows, with its rows in it.
  Part& begin_part(const Batch& batch, int64_t place);
  void for_parts(const Batch& batch, const std::function<void(int64_t)>& body);
  void judge_part(const Batch& batch, int64_t place);
  LossSum losses(int64_t parts) const;
  void bind_norms(const Arrays& arrays);
  double weight_of(std::span<const uint32_t> index);
  LossPlan loss_plan() const;
  MatrixView<float> gradient_rows(int64_t first, int64_t rows) const;

  Exec& exec_;
  const FeedForward& net_;
  const NetTraining& training_;
  const FitData& data_;
  int64_t part_rows_;
  std::vector<Work> works_;
  BatchNorms norms_;       // bound to the arrays of the last call
  const float* norms_of_ = nullptr;
  at::Tensor gradients_;   // row 0: summed up; then one row a part
  int64_t used_ = 0;       // parts that hold gradients
  double scale_ = 1;       // what the gradient is still to be multiplied by
  bool summed_ = false;
};

}  // namespace crisp::nn
