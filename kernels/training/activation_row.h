/// One value through an activation, and the slope there.
#pragma once

#include "cuda/random.h"
#include "kernels/training/activation.h"
#include "kernels/training/float_math_row.h"

namespace crisp {

template <Activation kind>
CRISP_HD inline float activated(float x) {
  if constexpr (kind == Activation::relu) return x > 0 ? x : 0.0f;
  if constexpr (kind == Activation::leaky_relu) return x > 0 ? x : 0.01f * x;
  if constexpr (kind == Activation::silu) return x * float_sigmoid(x);
  if constexpr (kind == Activation::tanh) return float_tanh(x);
  if constexpr (kind == Activation::gelu) {
    return 0.5f * x * (1.0f + float_tanh(0.7978845608f * (x + 0.044715f * x * x * x)));
  }
  return x;
}

template <Activation kind>
CRISP_HD inline float slope(float x) {
  if constexpr (kind == Activation::relu) return x > 0 ? 1.0f : 0.0f;
  if constexpr (kind == Activation::leaky_relu) return x > 0 ? 1.0f : 0.01f;
  if constexpr (kind == Activation::silu) {
    const float s = float_sigmoid(x);
    return s * (1.0f + x * (1.0f - s));
  }
  if constexpr (kind == Activation::tanh) {
    const float t = float_tanh(x);
    return 1.0f - t * t;
  }
  if constexpr (kind == Activation::gelu) {
    x = x < -9.0f ? -9.0f : x;  // the slope is 0 or 1 beyond, and the square of x would overflow
    x = x > 9.0f ? 9.0f : x;
    const float t = float_tanh(0.7978845608f * (x + 0.044715f * x * x * x));
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * 0.7978845608f * (1.0f + 0.134145f * x * x);
  }
  return 1.0f;
}

/// Calls body.operator()<kind>().
template <class Body>
void for_activation(Activation kind, const Body& body) {
  switch (kind) {
    case Activation::identity: return body.template operator()<Activation::identity>();
    case Activation::relu: return body.template operator()<Activation::relu>();
    case Activation::leaky_relu: return body.template operator()<Activation::leaky_relu>();
    case Activation::silu: return body.template operator()<Activation::silu>();
    case Activation::gelu: return body.template operator()<Activation::gelu>();
    case Activation::tanh: return body.template operator()<Activation::tanh>();
  }
}

/// With the stream that it has by now.
CRISP_HD inline Dropout at_stream(Dropout dropout) {
  if (dropout.threshold && dropout.moved) dropout.stream += *dropout.moved;
  return dropout;
}

/// 0, or 1 / (1 - rate): what the value of element `index` is multiplied by. Four neighbours share a draw.
CRISP_HD inline float dropout_factor(const Dropout& dropout, int64_t index) {
  const auto element = static_cast<uint64_t>(index);
  const RandomBlock block = philox(dropout.seed, dropout.stream, element / 4);
  // Chosen by comparisons: an index that the compiler does not know would put the block into a GPU's local memory.
  const uint32_t low = element % 2 == 0 ? block.word[0] : block.word[1], high = element % 2 == 0 ? block.word[2] : block.word[3];
  return (element % 4 < 2 ? low : high) < dropout.threshold ? 0.0f : dropout.scale;
}

/// The same of elements index ... index + 3; one draw where index is a multiple of 4.
CRISP_HD inline void four_dropout_factors(const Dropout& dropout, int64_t index, float* factors) {
  if (index % 4 == 0) {
    const RandomBlock block = philox(dropout.seed, dropout.stream, static_cast<uint64_t>(index) / 4);
    for (int k = 0; k < 4; ++k) factors[k] = block.word[k] < dropout.threshold ? 0.0f : dropout.scale;
  } else {
    for (int k = 0; k < 4; ++k) factors[k] = dropout_factor(dropout, index + k);
  }
}

}  // namespace crisp
