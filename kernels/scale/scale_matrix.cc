#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/scale/affine_rows.h"
#include "kernels/scale/scale.h"
#include "kernels/scale/scale_gpu.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 4096;
constexpr int64_t kBlock = 16;
/// Matrices beyond the caches are written past them.
constexpr int64_t kStreamingBytes = int64_t{32} << 20;

bool is_affine(ScaleMethod method) {
  return method == ScaleMethod::standard || method == ScaleMethod::min_max || method == ScaleMethod::robust ||
         method == ScaleMethod::max_abs;
}

AffineRows affine_engine() {
#if defined(__x86_64__)
  if (chosen_isa() == CpuIsa::avx512) return affine_rows_avx512;
  if (chosen_isa() == CpuIsa::avx2) return affine_rows_avx2;
#endif
  return affine_rows_baseline;
}

/// ((x - high) - low) * factor for each column, in whole blocks.
struct Affine {
  std::vector<float> high, low, factor;

  explicit Affine(std::span<const ScaleColumn> fitted) {
    const size_t width = (fitted.size() + kBlock - 1) / kBlock * kBlock;
    high.assign(width, 0.0f);
    low.assign(width, 0.0f);
    factor.assign(width, 1.0f);
    for (size_t j = 0; j < fitted.size(); ++j) {
      high[j] = static_cast<float>(fitted[j].center);
      low[j] = static_cast<float>(fitted[j].center - static_cast<double>(high[j]));
      factor[j] = static_cast<float>(1.0 / fitted[j].scale);
    }
  }
  AffineColumns view() const { return {high.data(), low.data(), factor.data()}; }
};

bool in_whole_blocks(MatrixView<const float> view) {
  return view.ld % kBlock == 0 && reinterpret_cast<uintptr_t>(view.data) % 64 == 0;
}

void apply_affine(Exec& exec, std::span<const ScaleColumn> fitted, MatrixView<const float> rows,
                  MatrixView<float> out) {
  const Affine affine(fitted);
  const AffineColumns columns = affine.view();
  if (exec.is_cuda()) return gpu::apply_affine(exec, columns.high, columns.low, columns.factor, rows, out);
  if (in_whole_blocks(rows) && in_whole_blocks(out)) {
    const AffineRows engine = affine_engine();
    const bool streaming = rows.data != out.data && rows.rows * rows.ld * 4 > kStreamingBytes;
    exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
      engine(rows, out, columns, begin, end, streaming);
    });
    return;
  }
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < rows.columns; ++j) {
        out.at(i, j) = ((rows.at(i, j) - columns.high[j]) - columns.low[j]) * columns.factor[j];
      }
    }
  });
}

/// value(x, column) for every element.
template <class Value>
void each_value(Exec& exec, MatrixView<const float> rows, MatrixView<float> out, Value value) {
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < rows.columns; ++j) {
        out.at(i, j) = static_cast<float>(value(static_cast<double>(rows.at(i, j)), j));
      }
    }
  });
}

/// Missing values count as 0 in the length, and stay missing.
void apply_row_l2(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) {
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double squares = 0.0;
      for (int64_t j = 0; j < rows.columns; ++j) {
        const double x = static_cast<double>(rows.at(i, j));
        squares += std::isnan(x) ? 0.0 : x * x;
      }
      const double length = squares > 0.0 ? std::sqrt(squares) : 1.0;
      for (int64_t j = 0; j < rows.columns; ++j)
        out.at(i, j) = static_cast<float>(static_cast<double>(rows.at(i, j)) / length);
    }
  });
}

void check_shapes(ScaleMethod method, std::span<const ScaleColumn> fitted, MatrixView<const float> rows,
                  MatrixView<float> out) {
  CRISP_ASSERT(rows.rows == out.rows && rows.columns == out.columns);
  CRISP_ASSERT(method == ScaleMethod::row_l2 || static_cast<int64_t>(fitted.size()) == rows.columns);
}

}  // namespace

void apply_scale(Exec& exec, ScaleMethod method, std::span<const ScaleColumn> fitted,
                 MatrixView<const float> rows, MatrixView<float> out) {
  check_shapes(method, fitted, rows, out);
  const NvtxRange range("scale.apply");
  if (is_affine(method)) return apply_affine(exec, fitted, rows, out);
  if (method == ScaleMethod::row_l2) {
    return exec.is_cuda() ? gpu::apply_row_l2(exec, rows, out) : apply_row_l2(exec, rows, out);
  }
  if (exec.is_cuda()) return gpu::apply_values(exec, method, false, fitted, rows, out);
  with_scale_method(method, [&]<ScaleMethod constant>() {
    each_value(exec, rows, out,
               [&](double x, int64_t j) { return scale_value<constant>(x, fitted[static_cast<size_t>(j)]); });
  });
}

void invert_scale(Exec& exec, ScaleMethod method, std::span<const ScaleColumn> fitted,
                  MatrixView<const float> rows, MatrixView<float> out) {
  check_shapes(method, fitted, rows, out);
  CRISP_ASSERT(method != ScaleMethod::row_l2);
  const NvtxRange range("scale.invert");
  if (exec.is_cuda()) return gpu::apply_values(exec, method, true, fitted, rows, out);
  with_scale_method(method, [&]<ScaleMethod constant>() {
    each_value(exec, rows, out, [&](double y, int64_t j) {
      return unscale_value<constant>(y, fitted[static_cast<size_t>(j)]);
    });
  });
}

}  // namespace crisp
