/// The loops over rows for each instruction set: what the largest derivatives are, and writing all of them as words.
#pragma once

#include "kernels/histogram/gradient_row.h"

namespace crisp {

/// One block of rows: scores and targets side by side; of softmax the scores are the class's shares.
struct GradientBlock {
  static constexpr int kRows = 512;
  const float* scores;
  const float* target;
  const float* weights;  ///< nullptr: all 1
  int64_t rows;
  uint32_t first;        ///< number of the first row among all
  float output;          ///< of softmax the class
};

struct GradientLoops {
  GradientExtent (*extent)(const ObjectivePlan& plan, const GradientBlock& block);
  void (*words)(const ObjectivePlan& plan, const GradientBlock& block, const Quanta& quanta, uint32_t key, uint32_t* words);
};

extern const GradientLoops gradient_loops_baseline, gradient_loops_avx2, gradient_loops_avx512;
const GradientLoops& gradient_loops();

inline ObjectiveNumbers numbers_of(const ObjectivePlan& plan) {
  const double classes = static_cast<double>(plan.classes);
  return {static_cast<float>(plan.alpha), static_cast<float>(plan.positive_weight),
          plan.classes > 1 ? static_cast<float>(classes / (classes - 1)) : 1.0f};
}

inline Quanta quanta_of(const ObjectivePlan& plan, RoundScale scale) {
  return {static_cast<float>(1 / scale.g), static_cast<float>(1 / scale.h), plan.quanta};
}

}  // namespace crisp
