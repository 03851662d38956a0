// Included once for each instruction set. Plain loops: the compiler makes vectors of them.
#include "kernels/histogram/gradient_loops.h"

namespace crisp {
namespace {

template <Objective Kind>
void words_of(const ObjectiveNumbers& numbers, const GradientBlock& block, float per_g, float per_h, uint32_t key,
              uint32_t* __restrict words) {
  const float* __restrict scores = block.scores;
  const float* __restrict target = block.target;
  const float* __restrict weights = block.weights;
  const auto pair_of = [&](int64_t i) { return pair_of_row<Kind>(numbers, scores[i], target[i], block.output); };
  const auto word = [&](int64_t i, float weight) {
    return quantised(pair_of(i), weight, per_g, per_h, row_noise(key, block.first + static_cast<uint32_t>(i)));
  };
  if (weights) {
#pragma GCC ivdep
    for (int64_t i = 0; i < block.rows; ++i) words[i] = word(i, weights[i]);
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < block.rows; ++i) words[i] = word(i, 1.0f);
  }
}

void words(const ObjectivePlan& plan, const GradientBlock& block, float per_g, float per_h, uint32_t key, uint32_t* out) {
  const ObjectiveNumbers numbers = numbers_of(plan);
  switch (plan.objective) {
    case Objective::squared: return words_of<Objective::squared>(numbers, block, per_g, per_h, key, out);
    case Objective::absolute: return words_of<Objective::absolute>(numbers, block, per_g, per_h, key, out);
    case Objective::huber: return words_of<Objective::huber>(numbers, block, per_g, per_h, key, out);
    case Objective::quantile: return words_of<Objective::quantile>(numbers, block, per_g, per_h, key, out);
    case Objective::poisson: return words_of<Objective::poisson>(numbers, block, per_g, per_h, key, out);
    case Objective::logistic: return words_of<Objective::logistic>(numbers, block, per_g, per_h, key, out);
    case Objective::softmax: return words_of<Objective::softmax>(numbers, block, per_g, per_h, key, out);
  }
}

}  // namespace
}  // namespace crisp
