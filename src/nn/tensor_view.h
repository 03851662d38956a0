/// A LibTorch matrix as crisp's kernels see it.
#pragma once

#include <ATen/core/Tensor.h>

#include "cuda/view.h"

namespace crisp::nn {

/// Of 32-bit numbers, each row contiguous.
inline MatrixView<float> view(const at::Tensor& matrix) {
  return {matrix.data_ptr<float>(), matrix.size(0), matrix.size(1), matrix.stride(0)};
}

}  // namespace crisp::nn
