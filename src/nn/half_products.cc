#include "nn/half_products.h"

#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

namespace crisp::nn {
namespace {

at::Tensor half_zeros(int64_t rows, int64_t columns) { return at::zeros({rows, columns}, at::kBFloat16); }

}  // namespace

HalfProduct::HalfProduct(int64_t rows, int64_t inputs, int64_t outputs)
    : in(half_zeros(rows, inputs)), out(half_zeros(rows, outputs)), gradient(half_zeros(rows, outputs)), gradient_t(gradient.t()) {}

HalfProduct HalfProduct::narrow(int64_t rows) const {
  HalfProduct part;
  part.in = in.narrow(0, 0, rows);
  part.out = out.narrow(0, 0, rows);
  part.gradient = gradient.narrow(0, 0, rows);
  part.gradient_t = part.gradient.t();
  return part;
}

void HalfProduct::forward(const at::Tensor& input, const at::Tensor& half_weight_t, at::Tensor sums) const {
  in.copy_(input);
  at::Tensor result = out;
  at::mm_out(result, in, half_weight_t);
  sums.copy_(out);
}

void HalfProduct::backward(const at::Tensor& output_gradient, const at::Tensor& half_weight, at::Tensor half_weight_gradient,
                           at::Tensor weight_gradient, at::Tensor below) const {
  gradient.copy_(output_gradient);
  at::mm_out(half_weight_gradient, gradient_t, in);
  weight_gradient.copy_(half_weight_gradient);
  if (!below.defined()) return;
  at::Tensor result = in;  // what went in is not needed any more
  at::mm_out(result, gradient, half_weight);
  below.copy_(result);
}

}  // namespace crisp::nn
