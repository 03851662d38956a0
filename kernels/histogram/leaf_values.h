/// A grown tree's values to the scores of rows.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "kernels/histogram/grower.h"

namespace crisp {

/// scores(row, output) += the value of its leaf, for the rows that the tree was grown on: `index` as grow() left it. On the host, or all on
/// exec's device. 12 bytes a row.
void add_leaf_values(Exec& exec, const GrownTree& grown, ArrayView<const uint32_t> index, MatrixView<float> scores, int64_t output);

/// The same for every row of `records`, which walks down the tree by its codes.
void add_tree_values(Exec& exec, const GrownTree& grown, MatrixView<const uint8_t> records, MatrixView<float> scores, int64_t output);

}  // namespace crisp
