#include "cuda/blas.h"

#include <algorithm>
#include <vector>

#include "cuda/blas_gpu.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "cuda/staging.h"

namespace crisp {
namespace {

// A slab of b of kDepth x kWidth stays in the first-level cache while kRows rows of a pass.
constexpr int64_t kRows = 32, kDepth = 64, kWidth = 128;

/// Adds to rows [begin, end) of c. The inner loop runs along rows of b and c, so the compiler makes vectors of it.
template <class T>
void add_rows(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, int64_t begin, int64_t end) {
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

/// A factor as the loop above reads it: itself, or a copy the right way round and rounded.
template <class T>
class PlainFactor {
 public:
  PlainFactor(const gpu::Factor<T>& from, ProductPrecision precision) : view_(from.matrix) {
    if (!from.transposed && precision == ProductPrecision::full) return;
    view_ = {nullptr, from.rows(), from.columns(), from.columns()};
    copy_.resize(static_cast<size_t>(view_.rows * view_.columns));
    for (int64_t i = 0; i < view_.rows; ++i) {
      for (int64_t j = 0; j < view_.columns; ++j) {
        const T value = from.at(i, j);
        copy_[static_cast<size_t>(i * view_.columns + j)] =
            precision == ProductPrecision::full ? value : static_cast<T>(gpu::bfloat16_rounded(static_cast<float>(value)));
      }
    }
    view_.data = copy_.data();
  }
  MatrixView<const T> view() const { return view_; }

 private:
  MatrixView<const T> view_;
  std::vector<T> copy_;
};

template <class T>
void multiply_any(Exec& exec, const gpu::Factor<T>& a, const gpu::Factor<T>& b, MatrixView<T> c,
                  gpu::ProductPlan plan = {}) {
  CRISP_ASSERT(a.rows() == c.rows && a.columns() == b.rows() && b.columns() == c.columns);
  const NvtxRange range("multiply");
  if (exec.is_cuda()) {
    const DeviceMatrixInput<T> left(exec, a.matrix), right(exec, b.matrix);
    DeviceMatrixOutput<T> out(exec, c);
    if (plan.target == ProductTarget::add) out.load(exec);
    gpu::multiply(exec, {left.view(), a.transposed}, {right.view(), b.transposed}, out.view(), plan);
    return out.finish(exec);
  }
  const PlainFactor<T> left(a, plan.precision), right(b, plan.precision);
  exec.threads().for_ranges(c.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && plan.target == ProductTarget::set; ++i) std::fill_n(c.row(i), c.columns, T{0});
    add_rows(left.view(), right.view(), c, begin, end);
  });
}

}  // namespace

void multiply(Exec& exec, MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c) {
  multiply_any<float>(exec, {a}, {b}, c);
}

void multiply(Exec& exec, MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c) {
  multiply_any<double>(exec, {a}, {b}, c);
}

void multiply(Exec& exec, MatrixView<const float> a, bool a_transposed, MatrixView<const float> b, bool b_transposed,
              MatrixView<float> c, ProductPrecision precision, ProductTarget target) {
  multiply_any<float>(exec, {a, a_transposed}, {b, b_transposed}, c, {precision, target});
}

}  // namespace crisp
