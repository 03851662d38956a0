/// One value of a row as a net reads it.
#pragma once

#include "kernels/training/inputs.h"

namespace crisp {

/// The gradient of a code's row is the sum over the rows of a chunk that carry it, one after the other, from 0; then the
/// chunks one after the other, from 0. 32: a GPU's warp compares all codes of a chunk at once.
constexpr int64_t kCodeChunk = 32;

/// Piece t of T.
CRISP_HD inline float linear_piece(float x, const float* edges, int64_t t, int64_t pieces) {
  const float share = (x - edges[t]) / (edges[t + 1] - edges[t]);
  const float low = (t > 0) & (share < 0.0f) ? 0.0f : share;  // & and not &&: no branch
  return (t + 1 < pieces) & (low > 1.0f) ? 1.0f : low;
}

CRISP_HD inline int64_t code_of(float value, int64_t categories) {
  return value >= 0.0f && value < static_cast<float>(categories) ? static_cast<int64_t>(value) : 0;
}

/// A column of the encoded row, to[0] ... to[width - 1].
CRISP_HD inline void encode_value(const InputColumn& column, const float* edges, const float* parameters, float value, float* to) {
  if (column.categories > 0) {
    const float* from = parameters + column.offset + code_of(value, column.categories) * column.width;
    for (int64_t k = 0; k < column.width; ++k) to[k] = from[k];
  } else if (column.width == 1) {
    to[0] = value;
  } else {
    for (int64_t k = 0; k < column.width; ++k) to[k] = linear_piece(value, edges + column.offset, k, column.width);
  }
}

}  // namespace crisp
