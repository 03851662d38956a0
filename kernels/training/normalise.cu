// GPU engine of layer and batch norm, bound by memory throughout. Layer norm: a warp owns a row and reads it two or three times,
// from L1 after the first. Batch norm: column sums as in column_sums_gpu.h, in double: two additions and a product a value,
// which on T4, A10G and L4 cost about what the memory costs.
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/training/column_sums_gpu.h"
#include "kernels/training/normalise_gpu.h"
#include "kernels/training/normalise_row.h"

namespace crisp::gpu {
namespace {

static_assert(kRowLanes == kWarp);

__device__ __forceinline__ float scaled(float x, const float* gamma, const float* beta, int64_t j) {
  const float y = gamma ? x * gamma[j] : x;
  return beta ? y + beta[j] : y;
}

struct LayerNormRow {
  MatrixView<const float> in;
  const float *gamma, *beta;
  float epsilon;
  MatrixView<float> saved, out;
  __device__ void operator()(int64_t i, int lane) const {
    const auto size = static_cast<float>(in.columns);
    float sum = 0, squares = 0;
    const float first = in.at(i, 0);  // so that a row far from 0 loses no digits
    for (int64_t j = lane; j < in.columns; j += kWarp) sum += in.at(i, j) - first;
    const float mean = first + warp_reduce(sum, Sum{}) / size;
    for (int64_t j = lane; j < in.columns; j += kWarp) squares += (in.at(i, j) - mean) * (in.at(i, j) - mean);
    const float rstd = reciprocal_root(warp_reduce(squares, Sum{}) / size, epsilon);
    for (int64_t j = lane; j < in.columns; j += kWarp) out.at(i, j) = scaled(normal_value(in.at(i, j), mean, rstd), gamma, beta, j);
    if (lane == 0) saved.at(i, 0) = mean, saved.at(i, 1) = rstd;
  }
};

struct LayerNormGradientRow {
  MatrixView<const float> in, saved;
  const float* gamma;
  MatrixView<float> gradient;
  __device__ void operator()(int64_t i, int lane) const {
    const float mean = saved.at(i, 0), rstd = saved.at(i, 1), size = static_cast<float>(in.columns);
    float slopes = 0, moments = 0;
    for (int64_t j = lane; j < in.columns; j += kWarp) {
      const float slope = scaled(gradient.at(i, j), gamma, nullptr, j);
      slopes += slope;
      moments += slope * normal_value(in.at(i, j), mean, rstd);
    }
    const float mean_slope = warp_reduce(slopes, Sum{}) / size, mean_moment = warp_reduce(moments, Sum{}) / size;
    for (int64_t j = lane; j < in.columns; j += kWarp) {
      const float slope = scaled(gradient.at(i, j), gamma, nullptr, j);
      gradient.at(i, j) = normal_gradient(slope, normal_value(in.at(i, j), mean, rstd), rstd, mean_slope, mean_moment);
    }
  }
};

struct LayerMoment {
  MatrixView<const float> in, saved, gradient;
  __device__ float operator()(int64_t i, int64_t j) const {
    return gradient.at(i, j) * normal_value(in.at(i, j), saved.at(i, 0), saved.at(i, 1));
  }
};

struct Slope {
  MatrixView<const float> gradient;
  __device__ float operator()(int64_t i, int64_t j) const { return gradient.at(i, j); }
};

struct SquareOfColumn {
  MatrixView<const float> in;
  __device__ TwoSums operator()(int64_t i, int64_t j) const { return value_and_square(in.at(i, j)); }
};

struct MomentOfColumn {
  MatrixView<const float> in, gradient;
  BatchStatistics s;
  __device__ TwoSums operator()(int64_t i, int64_t j) const {
    return slope_and_moment(gradient.at(i, j), normal_value(in.at(i, j), s.mean[j], s.rstd[j]));
  }
};

struct ToSums {
  MatrixView<double> sums;
  float *first, *second;  // the same in single precision, or null
  __device__ void operator()(int64_t j, const TwoSums& sum) const {
    sums.at(0, j) = sum.first;
    sums.at(1, j) = sum.second;
    if (first) first[j] = static_cast<float>(sum.first);
    if (second) second[j] = static_cast<float>(sum.second);
  }
};

struct JoinSum {
  MatrixView<const double> parts;
  double* total;
  __device__ void operator()(int64_t j) const { total[j] = joined_sum(parts, j); }
};

struct SetStatistics {
  MatrixView<const double> sums;
  int64_t rows;
  double epsilon, momentum;
  BatchStatistics out;
  __device__ void operator()(int64_t j) const { set_statistics(sums, rows, epsilon, momentum, out, j); }
};

struct UseRunning {
  double epsilon;
  BatchStatistics out;
  __device__ void operator()(int64_t j) const { use_running(epsilon, out, j); }
};

struct NormaliseRow {
  MatrixView<const float> in;
  BatchStatistics s;
  const float *gamma, *beta;
  MatrixView<float> out;
  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < in.columns; j += kWarp) {
      out.at(i, j) = scaled(normal_value(in.at(i, j), s.mean[j], s.rstd[j]), gamma, beta, j);
    }
  }
};

struct GradientRow {
  MatrixView<const float> in;
  BatchStatistics s;
  const float* gamma;
  MatrixView<const double> sums;
  double rows;
  MatrixView<float> gradient;
  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < in.columns; j += kWarp) {
      const float mean_slope = static_cast<float>(sums.at(0, j) / rows), mean_moment = static_cast<float>(sums.at(1, j) / rows);
      const float normal = normal_value(in.at(i, j), s.mean[j], s.rstd[j]);
      const float g = normal_gradient(gradient.at(i, j), normal, s.rstd[j], mean_slope, mean_moment);
      gradient.at(i, j) = scaled(g, gamma, nullptr, j);
    }
  }
};

/// The statistics on the device.
class DeviceStatistics {
 public:
  DeviceStatistics(Exec& exec, const BatchStatistics& s)
      : arrays_{{exec, s.mean}, {exec, s.rstd}, {exec, s.running_mean}, {exec, s.running_variance}} {
    for (DeviceOutput<float>& array : arrays_) array.load(exec);
  }
  BatchStatistics view() const { return {arrays_[0].view(), arrays_[1].view(), arrays_[2].view(), arrays_[3].view()}; }
  void finish(Exec& exec) {
    for (DeviceOutput<float>& array : arrays_) array.finish(exec);
  }

 private:
  DeviceOutput<float> arrays_[4];
};

const float* or_null(const DeviceInput<float>& values) { return values.view().size ? values.data() : nullptr; }

}  // namespace

void layer_norm(Exec& exec, MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, float epsilon,
                MatrixView<float> saved, MatrixView<float> out) {
  const DeviceMatrixInput<float> x(exec, in);
  const DeviceInput<float> g(exec, gamma), b(exec, beta);
  DeviceMatrixOutput<float> kept(exec, saved), y(exec, out);
  if (in.columns > 0) launch_warp_rows(exec, in.rows, LayerNormRow{x.view(), or_null(g), or_null(b), epsilon, kept.view(), y.view()});
  kept.finish(exec);
  y.finish(exec);
}

void layer_norm_gradient(Exec& exec, MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                         MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient) {
  const DeviceMatrixInput<float> x(exec, in), kept(exec, saved);
  const DeviceInput<float> g(exec, gamma);
  DeviceMatrixOutput<float> slopes(exec, gradient);
  DeviceOutput<float> of_gamma(exec, gamma_gradient), of_beta(exec, beta_gradient);
  slopes.load(exec);
  if (gamma_gradient.size) {
    sum_columns(exec, in.rows, in.columns, LayerMoment{x.view(), kept.view(), slopes.view()}, of_gamma.view());
  }
  if (beta_gradient.size) sum_columns(exec, in.rows, in.columns, Slope{slopes.view()}, of_beta.view());
  launch_warp_rows(exec, in.rows, LayerNormGradientRow{x.view(), kept.view(), or_null(g), slopes.view()});
  slopes.finish(exec);
  of_gamma.finish(exec);
  of_beta.finish(exec);
}

void batch_sums(Exec& exec, MatrixView<const float> part, MatrixView<double> sums) {
  const DeviceMatrixInput<float> x(exec, part);
  DeviceMatrixOutput<double> out(exec, sums);
  sum_columns<TwoSums>(exec, part.rows, part.columns, SquareOfColumn{x.view()}, ToSums{out.view(), nullptr, nullptr});
  out.finish(exec);
}

void join_sums(Exec& exec, MatrixView<const double> parts, ArrayView<double> total) {
  const DeviceMatrixInput<double> in(exec, parts);
  DeviceOutput<double> out(exec, total);
  launch_rows(exec, total.size, JoinSum{in.view(), out.data()});
  out.finish(exec);
}

void batch_statistics(Exec& exec, MatrixView<const double> sums, int64_t rows, double epsilon, double momentum,
                      const BatchStatistics& statistics) {
  const DeviceMatrixInput<double> in(exec, sums);
  DeviceStatistics out(exec, statistics);
  launch_rows(exec, sums.columns, SetStatistics{in.view(), rows, epsilon, momentum, out.view()});
  out.finish(exec);
}

void running_statistics(Exec& exec, double epsilon, const BatchStatistics& statistics) {
  DeviceStatistics out(exec, statistics);
  launch_rows(exec, statistics.mean.size, UseRunning{epsilon, out.view()});
  out.finish(exec);
}

void batch_normalise(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                     ArrayView<const float> beta, MatrixView<float> out) {
  const DeviceMatrixInput<float> x(exec, in);
  const DeviceInput<float> g(exec, gamma), b(exec, beta);
  const DeviceStatistics s(exec, statistics);
  DeviceMatrixOutput<float> y(exec, out);
  launch_warp_rows(exec, in.rows, NormaliseRow{x.view(), s.view(), or_null(g), or_null(b), y.view()});
  y.finish(exec);
}

void batch_gradient_sums(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics,
                         MatrixView<const float> gradient, MatrixView<double> sums, ArrayView<float> gamma_gradient,
                         ArrayView<float> beta_gradient) {
  const DeviceMatrixInput<float> x(exec, in), slopes(exec, gradient);
  const DeviceStatistics s(exec, statistics);
  DeviceMatrixOutput<double> out(exec, sums);
  DeviceOutput<float> of_gamma(exec, gamma_gradient), of_beta(exec, beta_gradient);
  const ToSums to{out.view(), beta_gradient.size ? of_beta.data() : nullptr, gamma_gradient.size ? of_gamma.data() : nullptr};
  sum_columns<TwoSums>(exec, in.rows, in.columns, MomentOfColumn{x.view(), slopes.view(), s.view()}, to);
  out.finish(exec);
  of_gamma.finish(exec);
  of_beta.finish(exec);
}

void batch_gradient(Exec& exec, MatrixView<const float> in, const BatchStatistics& statistics, ArrayView<const float> gamma,
                    MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient) {
  const DeviceMatrixInput<float> x(exec, in);
  const DeviceMatrixInput<double> total(exec, sums);
  const DeviceInput<float> g(exec, gamma);
  const DeviceStatistics s(exec, statistics);
  DeviceMatrixOutput<float> slopes(exec, gradient);
  slopes.load(exec);
  launch_warp_rows(exec, in.rows, GradientRow{x.view(), s.view(), or_null(g), total.view(), static_cast<double>(rows), slopes.view()});
  slopes.finish(exec);
}

}  // namespace crisp::gpu
