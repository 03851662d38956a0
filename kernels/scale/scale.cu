// GPU engine of scaling: a warp owns a row, so that rows of any width coalesce; 8 bytes a value. Affine methods are bound
// by memory everywhere; the logarithms of the power transforms run in double, which bounds them on cards with few double
// units (T4, A10G, L4).
#include <cmath>

#include "cuda/algorithm.h"
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/scale/scale_gpu.h"

namespace crisp::gpu {
namespace {

struct AffineRow {
  const float *high, *low, *factor;
  MatrixView<const float> rows;
  MatrixView<float> out;
  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      out.at(i, j) = ((rows.at(i, j) - high[j]) - low[j]) * factor[j];
    }
  }
};

struct UnitRow {
  MatrixView<const float> rows;
  MatrixView<float> out;
  __device__ void operator()(int64_t i, int lane) const {
    double squares = 0.0;
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      const double x = rows.at(i, j);
      squares += x == x ? x * x : 0.0;
    }
    squares = warp_reduce(squares, Sum{});
    const double length = squares > 0.0 ? sqrt(squares) : 1.0;
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      out.at(i, j) = static_cast<float>(static_cast<double>(rows.at(i, j)) / length);
    }
  }
};

template <ScaleMethod method, bool invert>
struct ValueRow {
  const ScaleColumn* fitted;
  MatrixView<const float> rows;
  MatrixView<float> out;
  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      const double x = rows.at(i, j);
      out.at(i, j) = static_cast<float>(invert ? unscale_value<method>(x, fitted[j]) : scale_value<method>(x, fitted[j]));
    }
  }
};

template <ScaleMethod method, bool invert>
struct ColumnValue {
  ScaleColumn fitted;
  const double* values;
  double* out;
  CRISP_HD void operator()(int64_t i) const {
    out[i] = invert ? unscale_value<method>(values[i], fitted) : scale_value<method>(values[i], fitted);
  }
};

/// Missing values go to the end of a sort.
struct CopyMissingLast {
  const double* values;
  double* out;
  CRISP_HD void operator()(int64_t i) const { out[i] = values[i] == values[i] ? values[i] : HUGE_VAL; }
};

}  // namespace

void apply_affine(Exec& exec, const float* high, const float* low, const float* factor, MatrixView<const float> rows,
                  MatrixView<float> out) {
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<float> target(exec, out);
  const DeviceBuffer<float> h(exec, high, rows.columns), l(exec, low, rows.columns), f(exec, factor, rows.columns);
  launch_warp_rows(exec, rows.rows, AffineRow{h.data(), l.data(), f.data(), in.view(), target.view()});
  target.finish(exec);
}

void apply_row_l2(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) {
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<float> target(exec, out);
  launch_warp_rows(exec, rows.rows, UnitRow{in.view(), target.view()});
  target.finish(exec);
}

void apply_values(Exec& exec, ScaleMethod method, bool invert, std::span<const ScaleColumn> fitted,
                  MatrixView<const float> rows, MatrixView<float> out) {
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<float> target(exec, out);
  const DeviceBuffer<ScaleColumn> columns(exec, fitted.data(), static_cast<int64_t>(fitted.size()));
  with_scale_method(method, [&]<ScaleMethod constant>() {
    if (invert) {
      launch_warp_rows(exec, rows.rows, ValueRow<constant, true>{columns.data(), in.view(), target.view()});
    } else {
      launch_warp_rows(exec, rows.rows, ValueRow<constant, false>{columns.data(), in.view(), target.view()});
    }
  });
  target.finish(exec);
}

void apply_column(Exec& exec, ScaleMethod method, bool invert, const ScaleColumn& fitted, ArrayView<const double> values,
                  ArrayView<double> out) {
  const DeviceInput<double> in(exec, values);
  DeviceOutput<double> target(exec, out);
  with_scale_method(method, [&]<ScaleMethod constant>() {
    if (invert) {
      launch_rows(exec, values.size, ColumnValue<constant, true>{fitted, in.data(), target.data()});
    } else {
      launch_rows(exec, values.size, ColumnValue<constant, false>{fitted, in.data(), target.data()});
    }
  });
  target.finish(exec);
}

std::vector<double> order_statistics(Exec& exec, ArrayView<const double> values, std::span<const int64_t> ranks) {
  const DeviceInput<double> in(exec, values);
  const DeviceBuffer<double> ascending(exec, values.size);
  launch_rows(exec, values.size, CopyMissingLast{in.data(), ascending.data()});
  sort(exec, ascending.view());
  std::vector<double> out(ranks.size());
  for (size_t k = 0; k < ranks.size(); ++k) copy_bytes(exec, &out[k], ascending.data() + ranks[k], sizeof(double));
  exec.synchronize();
  return out;
}

}  // namespace crisp::gpu
