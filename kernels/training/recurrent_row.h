/// One unit of a recurrent step.
#pragma once

#include "kernels/training/float_math_row.h"
#include "kernels/training/recurrent.h"

namespace crisp {

/// By value, so that a compiler sees that nothing overlaps.
struct LstmGates {
  float i, f, g, o;
};
struct LstmState {
  LstmGates gates;
  float cell, hidden;
};

/// sums: with their bias.
CRISP_HD inline LstmState lstm_unit(const LstmGates& sums, float before) {
  const LstmGates gates{float_sigmoid(sums.i), float_sigmoid(sums.f), float_tanh(sums.g), float_sigmoid(sums.o)};
  const float cell = gates.f * before + gates.i * gates.g;
  return {gates, cell, gates.o * float_tanh(cell)};
}

struct LstmSlopes {
  LstmGates sums;
  float before;  ///< of cell_before
};

CRISP_HD inline LstmSlopes lstm_unit_gradient(const LstmGates& u, float before, float cell, float hidden_slope, float cell_slope) {
  const float t = float_tanh(cell);
  const float slope = cell_slope + hidden_slope * u.o * (1.0f - t * t);
  return {{slope * u.g * u.i * (1.0f - u.i), slope * before * u.f * (1.0f - u.f), slope * u.i * (1.0f - u.g * u.g),
           hidden_slope * t * u.o * (1.0f - u.o)},
          slope * u.f};
}

struct GruGates {
  float r, z, n;
};
struct GruState {
  GruGates gates;
  float hidden;
};

/// Both with their bias.
CRISP_HD inline GruState gru_unit(const GruGates& input, const GruGates& recurrent, float before) {
  const float r = float_sigmoid(input.r + recurrent.r), z = float_sigmoid(input.z + recurrent.z);
  const float n = float_tanh(input.n + r * recurrent.n);
  return {{r, z, n}, (1.0f - z) * n + z * before};
}

struct GruSlopes {
  GruGates input;
  float recurrent_n, before;
};

CRISP_HD inline GruSlopes gru_unit_gradient(const GruGates& u, float recurrent_n, float before, float slope) {
  const float of_n = slope * (1.0f - u.z) * (1.0f - u.n * u.n);
  return {{of_n * recurrent_n * u.r * (1.0f - u.r), slope * (before - u.n) * u.z * (1.0f - u.z), of_n}, of_n * u.r, slope * u.z};
}

}  // namespace crisp
