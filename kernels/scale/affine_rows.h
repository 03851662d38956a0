/// The affine part of scaling a matrix, for each instruction set: y = ((x - high) - low) * factor.
#pragma once

#include <cstdint>

#include "cuda/view.h"

namespace crisp {

/// One entry a column, padded to whole blocks of 16 columns with high = low = 0 and factor = 1. The center is
/// split in two floats, so that subtracting it loses nothing even where it is much larger than the spread.
struct AffineColumns {
  const float* high;
  const float* low;
  const float* factor;
};

/// Rows [begin, end). `streaming` writes past the caches: for matrices that would only push everything else
/// out. Rows must be 64-byte aligned with `ld` a multiple of 16; the padding columns pass unchanged.
using AffineRows = void (*)(MatrixView<const float> rows, MatrixView<float> out, AffineColumns columns,
                            int64_t begin, int64_t end, bool streaming);

void affine_rows_baseline(MatrixView<const float>, MatrixView<float>, AffineColumns, int64_t, int64_t, bool);
void affine_rows_avx2(MatrixView<const float>, MatrixView<float>, AffineColumns, int64_t, int64_t, bool);
void affine_rows_avx512(MatrixView<const float>, MatrixView<float>, AffineColumns, int64_t, int64_t, bool);

}  // namespace crisp
