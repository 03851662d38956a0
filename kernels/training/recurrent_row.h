/// One unit of a recurrent step.
#pragma once

#include "kernels/training/float_math_row.h"
#include "kernels/training/recurrent.h"

namespace crisp {

/// The gates of a unit: its first gate, the others `units` further each.
CRISP_HD inline void lstm_unit(const float* bias, int64_t units, float before, float* gates, float* cell, float* hidden) {
  const float i = float_sigmoid(gates[0] + (bias ? bias[0] : 0.0f));
  const float f = float_sigmoid(gates[units] + (bias ? bias[units] : 0.0f));
  const float g = float_tanh(gates[2 * units] + (bias ? bias[2 * units] : 0.0f));
  const float o = float_sigmoid(gates[3 * units] + (bias ? bias[3 * units] : 0.0f));
  gates[0] = i;
  gates[units] = f;
  gates[2 * units] = g;
  gates[3 * units] = o;
  const float c = f * before + i * g;
  *cell = c;
  *hidden = o * float_tanh(c);
}

CRISP_HD inline void lstm_unit_gradient(int64_t units, float before, float cell, float hidden_gradient, float* cell_gradient,
                                        float* gates) {
  const float i = gates[0], f = gates[units], g = gates[2 * units], o = gates[3 * units], t = float_tanh(cell);
  const float slope = *cell_gradient + hidden_gradient * o * (1.0f - t * t);
  gates[0] = slope * g * i * (1.0f - i);
  gates[units] = slope * before * f * (1.0f - f);
  gates[2 * units] = slope * i * (1.0f - g * g);
  gates[3 * units] = hidden_gradient * t * o * (1.0f - o);
  *cell_gradient = slope * f;
}

CRISP_HD inline void gru_unit(const float* input_bias, const float* hidden_bias, int64_t units, float before, float* input,
                              float* recurrent, float* hidden) {
  float a[3], b[3];
  for (int k = 0; k < 3; ++k) {
    a[k] = input[k * units] + (input_bias ? input_bias[k * units] : 0.0f);
    b[k] = recurrent[k * units] + (hidden_bias ? hidden_bias[k * units] : 0.0f);
  }
  const float r = float_sigmoid(a[0] + b[0]), z = float_sigmoid(a[1] + b[1]), n = float_tanh(a[2] + r * b[2]);
  input[0] = r;
  input[units] = z;
  input[2 * units] = n;
  recurrent[2 * units] = b[2];
  *hidden = (1.0f - z) * n + z * before;
}

CRISP_HD inline void gru_unit_gradient(int64_t units, float before, float* hidden_gradient, float* input, float* recurrent) {
  const float r = input[0], z = input[units], n = input[2 * units], slope = *hidden_gradient;
  const float of_n = slope * (1.0f - z) * (1.0f - n * n);
  const float of_r = of_n * recurrent[2 * units] * r * (1.0f - r);
  const float of_z = slope * (before - n) * z * (1.0f - z);
  input[0] = recurrent[0] = of_r;
  input[units] = recurrent[units] = of_z;
  input[2 * units] = of_n;
  recurrent[2 * units] = of_n * r;
  *hidden_gradient = slope * z;
}

}  // namespace crisp
