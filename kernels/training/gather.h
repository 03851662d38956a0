/// The rows of a batch out of the whole table.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// out.row(i) = source.row(index[i]), each column of which is then (x - shift) * factor where those are given (one a
/// column, both or none). Indices are in range: the caller made them. 8 bytes an element.
void gather_rows(Exec& exec, MatrixView<const float> source, ArrayView<const uint32_t> index, ArrayView<const float> shift,
                 ArrayView<const float> factor, MatrixView<float> out);

}  // namespace crisp
