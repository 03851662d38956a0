#include "cuda/blas.h"

#include <algorithm>

#include "cuda/blas_gpu.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "cuda/staging.h"

namespace crisp {
namespace {

// A slab of b of kDepth x kWidth stays in the first-level cache while kRows rows of a pass.
constexpr int64_t kRows = 32, kDepth = 64, kWidth = 128;

/// Rows [begin, end) of c. The inner loop runs along rows of b and c, so the compiler makes vectors of it.
template <class T>
void multiply_rows(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) std::fill_n(c.row(i), c.columns, T{0});
  for (int64_t column = 0; column < c.columns; column += kWidth) {
    const int64_t width = std::min(kWidth, c.columns - column);
    for (int64_t depth = 0; depth < a.columns; depth += kDepth) {
      const int64_t last = std::min(a.columns, depth + kDepth);
      for (int64_t i = begin; i < end; ++i) {
        T* out = c.row(i) + column;
        for (int64_t d = depth; d < last; ++d) {
          const T factor = a.at(i, d);
          const T* from = b.row(d) + column;
          for (int64_t j = 0; j < width; ++j) out[j] += factor * from[j];
        }
      }
    }
  }
}

template <class T>
void multiply_any(Exec& exec, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) {
  CRISP_ASSERT(a.rows == c.rows && a.columns == b.rows && b.columns == c.columns);
  const NvtxRange range("multiply");
  if (exec.is_cuda()) {
    const DeviceMatrixInput<T> left(exec, a), right(exec, b);
    DeviceMatrixOutput<T> out(exec, c);
    gpu::multiply(exec, left.view(), right.view(), out.view());
    return out.finish(exec);
  }
  exec.threads().for_ranges(c.rows, kRows, [&](int64_t begin, int64_t end) { multiply_rows(a, b, c, begin, end); });
}

}  // namespace

void multiply(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c) {
  multiply_any(exec, a, b, c);
}

void multiply(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c) {
  multiply_any(exec, a, b, c);
}

}  // namespace crisp
