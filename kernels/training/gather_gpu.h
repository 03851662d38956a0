/// The GPU side of gather.h, called by its dispatch only.
#pragma once

#include "kernels/training/gather.h"

namespace crisp::gpu {

void gather_rows(Exec& exec, MatrixView<const float> source, ArrayView<const uint32_t> index, ArrayView<const float> shift,
                 ArrayView<const float> factor, MatrixView<float> out);

}  // namespace crisp::gpu
