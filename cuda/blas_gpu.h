/// The GPU side of blas.h; called by its dispatch only. All views lie on the device.
#pragma once

#include "cuda/blas.h"
#include "cuda/exec.h"
#include "cuda/host_device.h"
#include "cuda/view.h"

namespace crisp::gpu {

/// A factor of a product as it lies in memory.
template <class T>
struct Factor {
  MatrixView<const T> matrix;
  bool transposed = false;
  CRISP_HD int64_t rows() const { return transposed ? matrix.columns : matrix.rows; }
  CRISP_HD int64_t columns() const { return transposed ? matrix.rows : matrix.columns; }
  CRISP_HD T at(int64_t i, int64_t j) const { return transposed ? matrix.at(j, i) : matrix.at(i, j); }
};

/// The nearest number of 8 bits, ties to even; NaN stays NaN.
CRISP_HD inline float bfloat16_rounded(float x) {
  union {
    float number;
    uint32_t bits;
  } value{x};
  if (x != x) return x;
  value.bits = (value.bits + 0x7fffu + (value.bits >> 16 & 1u)) & 0xffff0000u;
  return value.number;
}

/// How a product is made, and what becomes of it.
struct ProductPlan {
  ProductPrecision precision = ProductPrecision::full;
  ProductTarget target = ProductTarget::set;
};

void multiply(Exec& exec, const Factor<float>& a, const Factor<float>& b, MatrixView<float> c, ProductPlan plan);
void multiply(Exec& exec, const Factor<double>& a, const Factor<double>& b, MatrixView<double> c, ProductPlan plan);

/// By cuBLAS; false where it is not there.
bool multiply_by_library(Exec& exec, const Factor<float>& a, const Factor<float>& b, MatrixView<float> c, ProductPlan plan);
bool multiply_by_library(Exec& exec, const Factor<double>& a, const Factor<double>& b, MatrixView<double> c, ProductPlan plan);

}  // namespace crisp::gpu
