/// The GPU side of inputs.h, called by its dispatch only.
#pragma once

#include "kernels/training/inputs.h"

namespace crisp::gpu {

void encode_inputs(Exec& exec, ArrayView<const InputColumn> columns, ArrayView<const float> edges,
                   ArrayView<const float> parameters, MatrixView<const float> rows, MatrixView<float> encoded);
void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, int64_t codes, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients);

}  // namespace crisp::gpu
