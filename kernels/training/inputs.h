/// What a net reads, out of a table's rows: numbers as they are or in pieces, codes as rows of an embedding table.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// One column of the table.
struct InputColumn {
  int64_t begin = 0;       ///< its first column of the encoded row
  int64_t width = 1;       ///< columns of the encoded row
  int64_t categories = 0;  ///< 0: a number
  int64_t offset = 0;      ///< a code: of its table (categories x width) in the parameters; a number in pieces: of its edges
  int64_t codes_before = 0;  ///< codes of the columns before it, all together
};

/// encoded.row(i) = the columns of rows.row(i), each by its InputColumn. A number with width 1 is copied; with width T it is
/// encoded piecewise linearly by its T + 1 ascending edges: piece t is (x - edge[t]) / (edge[t + 1] - edge[t]), cut to [0, 1] but
/// for the outer ends (Gorishniy et al., "On embeddings for numerical features in tabular deep learning", 2022). A code that is not
/// in 0 ... categories - 1 counts as 0. Engines agree bit for bit.
void encode_inputs(Exec& exec, ArrayView<const InputColumn> columns, ArrayView<const float> edges,
                   ArrayView<const float> parameters, MatrixView<const float> rows, MatrixView<float> encoded);

/// The gradient of the embedding tables: each row's part of `encoded_gradient` is added to its code's row, in the order of
/// inputs_row.h. The tables' part of `gradients` (laid out like the parameters) is set, the rest left. `codes`: of all columns
/// together. Engines agree bit for bit.
void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, int64_t codes, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients);

}  // namespace crisp
