/// The CUDA engine of leaf values; called by leaf_values.cc. Data lie on exec's device.
#pragma once

#include "kernels/histogram/leaf_values.h"

namespace crisp::gpu {

void add_leaf_values(Exec& exec, const GrownTree& grown, ArrayView<const uint32_t> index, MatrixView<float> scores, int64_t output);
void add_tree_values(Exec& exec, const GrownTree& grown, MatrixView<const uint8_t> records, MatrixView<float> scores, int64_t output);

}  // namespace crisp::gpu
