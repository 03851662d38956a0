/// Matrix products. On a GPU cuBLAS where the machine has it (opened at first use, so that crisp starts without it),
/// else a tiled kernel of our own, which is also what the emulated device runs; on the CPU a blocked loop.
#pragma once

#include <string>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// c = a * b, row-major: a is m x k, b is k x n, c is m x n and overlaps neither. Views on the host or on exec's device.
/// Float products are added in float, in an order that differs by engine: |error| <= k * 2^-23 * sum |a||b|.
void multiply(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c);
/// The same in double: |error| <= k * 2^-52 * sum |a||b|.
void multiply(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c);

/// bfloat16: factors are rounded to 8 bits (on a GPU's matrix units, where it has them), sums stay float.
enum class ProductPrecision { full, bfloat16 };
/// c becomes the product, or the product is added to it.
enum class ProductTarget { set, add };

/// c = op(a) * op(b), where op() transposes a factor that says so: a transposed a lies there as k x m, a transposed b as n x k.
/// bfloat16: |error| <= (2^-7 + k * 2^-23) * sum |a||b|.
void multiply(Exec& exec, MatrixView<const float> a, bool a_transposed, MatrixView<const float> b, bool b_transposed,
              MatrixView<float> c, ProductPrecision precision = ProductPrecision::full, ProductTarget target = ProductTarget::set);

/// Which library does products on GPUs: "libcublas.so.13", or "" where only our own kernel is there.
std::string blas_library();

}  // namespace crisp
