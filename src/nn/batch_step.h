/// One step of training: a batch, cut into parts that threads take, to the gradient of its mean loss.
#pragma once

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
    Part part;
    Arrays gradients;
    std::vector<float> target, weights;
    LossSum loss;
  };
  void one_batch(const Arrays& arrays, std::span<const uint32_t> index, float scale, int64_t step);
  void run_part(const Arrays& arrays, const LabelledRows& rows, std::span<const uint32_t> index, size_t place, float scale,
                int64_t step, bool backward);
  LossSum loss_of(const LabelledRows& rows, std::span<const uint32_t> index, Work& work, const Part& part, float scale) const;
  double weight_of(std::span<const uint32_t> index);
  LossPlan loss_plan() const;
  MatrixView<float> gradient_rows(int64_t first, int64_t rows) const;

  Exec& exec_;
  const FeedForward& net_;
  const NetTraining& training_;
  const FitData& data_;
  int64_t part_rows_;
  std::vector<Work> works_;
  at::Tensor gradients_;   // row 0: summed up; then one row a part
  int64_t used_ = 0;       // parts that hold gradients
  double scale_ = 1;       // what the gradient is still to be multiplied by
  bool summed_ = false;
};

}  // namespace crisp::nn
