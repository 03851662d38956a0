/// Matrix products in bfloat16, as PyTorch's autocast does them: both factors and the result are rounded to 8 bits of mantissa,
/// sums inside a product are float32; parameters, moments, losses and everything between the products stay float32.
#pragma once

#include <ATen/core/Tensor.h>

namespace crisp::nn {

/// What one product of a part works in, on its way through the net and back.
struct HalfProduct {
  at::Tensor in, out, gradient, gradient_t;  // [rows, inputs], [rows, outputs] twice, transposed

  HalfProduct() = default;
  HalfProduct(int64_t rows, int64_t inputs, int64_t outputs);
  /// Its first `rows` rows, sharing the memory.
  HalfProduct narrow(int64_t rows) const;

  /// sums = in * weight^T.
  void forward(const at::Tensor& input, const at::Tensor& half_weight_t, at::Tensor sums) const;
  /// weight_gradient = gradient^T * (the input of forward()); below = gradient * weight where it is defined.
  void backward(const at::Tensor& output_gradient, const at::Tensor& half_weight, at::Tensor half_weight_gradient,
                at::Tensor weight_gradient, at::Tensor below) const;
};

}  // namespace crisp::nn
