/// One parameter's step.
#pragma once

#include <cmath>

#include "kernels/training/step_numbers.h"

namespace crisp {

/// What the formulas distinguish.
enum class UpdateRule { adam, sgd, momentum, rmsprop, rmsprop_momentum };

template <UpdateRule rule>
inline constexpr bool kKeepsFirst = rule != UpdateRule::sgd;
template <UpdateRule rule>
inline constexpr bool kKeepsSecond = rule == UpdateRule::adam || rule == UpdateRule::rmsprop_momentum;

/// rmsprop keeps the mean square first and the momentum second, sgd its momentum first.
inline UpdateRule update_rule(OptimiserKind kind, const OptimiserState& state) {
  switch (kind) {
    case OptimiserKind::adam:
    case OptimiserKind::adamw: return UpdateRule::adam;
    case OptimiserKind::sgd: return state.first.size ? UpdateRule::momentum : UpdateRule::sgd;
    case OptimiserKind::rmsprop: return state.second.size ? UpdateRule::rmsprop_momentum : UpdateRule::rmsprop;
  }
  return UpdateRule::sgd;
}

/// Calls body.operator()<rule>().
template <class Body>
void for_rule(UpdateRule rule, const Body& body) {
  switch (rule) {
    case UpdateRule::adam: return body.template operator()<UpdateRule::adam>();
    case UpdateRule::sgd: return body.template operator()<UpdateRule::sgd>();
    case UpdateRule::momentum: return body.template operator()<UpdateRule::momentum>();
    case UpdateRule::rmsprop: return body.template operator()<UpdateRule::rmsprop>();
    case UpdateRule::rmsprop_momentum: return body.template operator()<UpdateRule::rmsprop_momentum>();
  }
}

/// The gradient g at parameter p as the optimiser sees it.
CRISP_HD inline float effective_gradient(const StepNumbers& n, float g, float p) {
  g *= n.scale;
  if (n.clip > 0) g = g > n.clip ? n.clip : g < -n.clip ? -n.clip : g;
  if (n.l1 != 0) g += p > 0 ? n.l1 : p < 0 ? -n.l1 : 0.0f;
  if (n.decay != 0) g += n.decay * p;
  return g;
}

/// The parameter after the step; the moments are set.
template <UpdateRule rule>
CRISP_HD inline float updated(const StepNumbers& n, float g, float p, float& first, float& second) {
  if constexpr (rule == UpdateRule::adam) {
    first += (g - first) * n.rest1;
    second = second * n.beta2 + n.rest2 * g * g;
    return p * n.shrink - n.rate * (first / (std::sqrt(second) / n.root_correction + n.epsilon));
  }
  if constexpr (rule == UpdateRule::sgd) return p - n.rate * g;
  if constexpr (rule == UpdateRule::momentum) {
    first = n.first_step ? g : n.beta1 * first + g;
    return p - n.rate * (n.nesterov ? g + n.beta1 * first : first);
  }
  if constexpr (rule == UpdateRule::rmsprop || rule == UpdateRule::rmsprop_momentum) {
    first = first * n.beta2 + n.rest2 * g * g;
    const float direction = g / (std::sqrt(first) + n.epsilon);
    if constexpr (rule == UpdateRule::rmsprop) return p - n.rate * direction;
    second = n.beta1 * second + direction;
    return p - n.rate * second;
  }
}

}  // namespace crisp
