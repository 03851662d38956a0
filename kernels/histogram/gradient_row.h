/// The derivatives of one row's loss, and their word.
#pragma once

#include <type_traits>

#include "kernels/histogram/cells.h"
#include "kernels/histogram/gradient.h"
#include "kernels/training/float_math_row.h"

namespace crisp {

struct GradientPair {
  float g, h;
};

/// What a row's loss needs, in single precision.
struct ObjectiveNumbers {
  float alpha = 0, positive_weight = 1, softmax_factor = 1;
};

/// Poisson's hessian is taken at a score this much higher, as XGBoost's max_delta_step.
inline constexpr float kPoissonMargin = 2.01375271f;  // exp(0.7)

template <Objective Kind>
CRISP_HD inline GradientPair row_gradient(const ObjectiveNumbers& numbers, float score, float target) {
  const float miss = score - target;
  if constexpr (Kind == Objective::absolute) return {miss > 0 ? 1.0f : miss < 0 ? -1.0f : 0.0f, 1.0f};
  if constexpr (Kind == Objective::huber) {
    const float low = miss < -numbers.alpha ? -numbers.alpha : miss;
    return {low > numbers.alpha ? numbers.alpha : low, 1.0f};
  }
  if constexpr (Kind == Objective::quantile) return {miss >= 0 ? 1.0f - numbers.alpha : -numbers.alpha, 1.0f};
  if constexpr (Kind == Objective::poisson) {
    const float rate = float_exp(score);
    return {rate - target, rate * kPoissonMargin};
  }
  if constexpr (Kind == Objective::logistic) {
    const float p = float_sigmoid(score), w = target > 0.5f ? numbers.positive_weight : 1.0f;
    return {(p - target) * w, p * (1.0f - p) * w};
  }
  return {miss, 1.0f};
}

/// Of softmax: of the class whose share is `p`.
CRISP_HD inline GradientPair class_gradient(const ObjectiveNumbers& numbers, float p, bool is_target) {
  return {p - (is_target ? 1.0f : 0.0f), numbers.softmax_factor * p * (1.0f - p)};
}

/// Of any objective; `output` is softmax's class, whose share the score is.
template <Objective Kind>
CRISP_HD inline GradientPair pair_of_row(const ObjectiveNumbers& numbers, float score, float target, float output) {
  if constexpr (Kind == Objective::softmax) return class_gradient(numbers, score, target == output);
  return row_gradient<Kind>(numbers, score, target);
}

/// Softmax over a row's scores.
CRISP_HD inline void shares_of_row(const float* scores, int64_t classes, float* shares) {
  float most = scores[0], sum = 0;
  for (int64_t k = 1; k < classes; ++k) most = scores[k] > most ? scores[k] : most;
  for (int64_t k = 0; k < classes; ++k) sum += shares[k] = float_exp(scores[k] - most);
  for (int64_t k = 0; k < classes; ++k) shares[k] /= sum;
}

/// Calls body with the objective as a constant.
template <class Body>
auto with_objective(Objective objective, Body body) {
  switch (objective) {
    case Objective::squared: return body(std::integral_constant<Objective, Objective::squared>());
    case Objective::absolute: return body(std::integral_constant<Objective, Objective::absolute>());
    case Objective::huber: return body(std::integral_constant<Objective, Objective::huber>());
    case Objective::quantile: return body(std::integral_constant<Objective, Objective::quantile>());
    case Objective::poisson: return body(std::integral_constant<Objective, Objective::poisson>());
    case Objective::logistic: return body(std::integral_constant<Objective, Objective::logistic>());
    case Objective::softmax: break;
  }
  return body(std::integral_constant<Objective, Objective::softmax>());
}

/// The largest gradient, of either sign, and the largest hessian of some rows.
struct GradientExtent {
  float g = 0, h = 0;
};

/// A row's, for its weight.
CRISP_HD inline GradientExtent extent_of(GradientPair pair, float weight) { return {float_abs(pair.g) * weight, pair.h * weight}; }

/// 32 bits that look random (the last steps of MurmurHash3, A. Appleby).
CRISP_HD inline uint32_t row_noise(uint32_t key, uint32_t row) {
  uint32_t x = row * 0x9e3779b9u + key;
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

/// How derivatives become quanta: so many a unit, `most` at most.
struct Quanta {
  float per_g, per_h;
  int32_t most;
};

/// The word of a row.
CRISP_HD inline uint32_t quantised(GradientPair pair, float weight, const Quanta& quanta, uint32_t noise) {
  const float most = static_cast<float>(quanta.most), shift = most + 1;  // shifted, so that cutting off rounds down
  const float up_g = static_cast<float>(static_cast<int32_t>(noise & 0xffffu)) * 0x1p-16f;
  const float up_h = static_cast<float>(static_cast<int32_t>(noise >> 16)) * 0x1p-16f;
  float g = pair.g * weight * quanta.per_g, h = pair.h * weight * quanta.per_h;
  g = g < -most ? -most : g > most ? most : g;
  const int32_t g_quanta = static_cast<int32_t>(g + up_g + shift) - (quanta.most + 1);
  const int32_t h_quanta = static_cast<int32_t>((h > most ? most : h) + up_h);
  const int32_t g_kept = g_quanta > quanta.most ? quanta.most : g_quanta, h_kept = h_quanta > quanta.most ? quanta.most : h_quanta;
  return gradient_word(g_kept, h_kept > 0 ? h_kept : (h > 0 ? 1 : 0));
}

}  // namespace crisp
