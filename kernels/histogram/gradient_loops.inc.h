// Included once for each instruction set. Plain loops: the compiler makes vectors of them.
#include <bit>

#include "kernels/histogram/gradient_loops.h"

namespace crisp {
namespace {

template <Objective Kind>
void words_of(const ObjectiveNumbers& numbers, const GradientBlock& block, const Quanta& quanta, uint32_t key,
              uint32_t* __restrict words) {
  const float* __restrict scores = block.scores;
  const float* __restrict target = block.target;
  const float* __restrict weights = block.weights;
  const auto pair_of = [&](int64_t i) { return pair_of_row<Kind>(numbers, scores[i], target[i], block.output); };
  const auto word = [&](int64_t i, float weight) {
    return quantised(pair_of(i), weight, quanta, row_noise(key, block.first + static_cast<uint32_t>(i)));
  };
  if (weights) {
#pragma GCC ivdep
    for (int64_t i = 0; i < block.rows; ++i) words[i] = word(i, weights[i]);
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < block.rows; ++i) words[i] = word(i, 1.0f);
  }
}

/// No extent is negative: their bits are in the order of the numbers, and the largest integer is found without a branch.
template <Objective Kind>
GradientExtent extent_of_rows(const ObjectiveNumbers& numbers, const GradientBlock& block) {
  const float* __restrict scores = block.scores;
  const float* __restrict target = block.target;
  const float* __restrict weights = block.weights;
  int32_t g = 0, h = 0;
  const auto take = [&](int64_t i, float weight) {
    const GradientExtent row = extent_of(pair_of_row<Kind>(numbers, scores[i], target[i], block.output), weight);
    const auto own_g = std::bit_cast<int32_t>(row.g), own_h = std::bit_cast<int32_t>(row.h);
    g = own_g > g ? own_g : g;
    h = own_h > h ? own_h : h;
  };
  if (weights) {
    for (int64_t i = 0; i < block.rows; ++i) take(i, weights[i]);
  } else {
    for (int64_t i = 0; i < block.rows; ++i) take(i, 1.0f);
  }
  return {std::bit_cast<float>(g), std::bit_cast<float>(h)};
}

GradientExtent extent(const ObjectivePlan& plan, const GradientBlock& block) {
  return with_objective(plan.objective, [&](auto kind) { return extent_of_rows<decltype(kind)::value>(numbers_of(plan), block); });
}

void words(const ObjectivePlan& plan, const GradientBlock& block, const Quanta& quanta, uint32_t key, uint32_t* out) {
  with_objective(plan.objective, [&](auto kind) { words_of<decltype(kind)::value>(numbers_of(plan), block, quanta, key, out); });
}

}  // namespace
}  // namespace crisp
