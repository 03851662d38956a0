/// The loops of normalise.h; part of training_loops.inc.h, for each instruction set. Internal linkage, see cuda/simd.h.
#include <algorithm>

#include "kernels/training/chunk_sums.h"
#include "kernels/training/normalise_row.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

/// value(j) over a row, in the order of normalise_row.h.
template <class Value>
float row_sum(int64_t columns, const Value& value) {
  alignas(64) float lanes[kRowLanes] = {};
  int64_t j = 0;
  for (; j + kRowLanes <= columns; j += kRowLanes) {
    for (int lane = 0; lane < kRowLanes; ++lane) lanes[lane] += value(j + lane);
  }
  for (int lane = 0; j + lane < columns; ++lane) lanes[lane] += value(j + lane);
  for (int half = kRowLanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

/// value(i, j) in its column, in the order of chunk_sums.h: add(j, sum) for each column.
template <class Sum, class Value, class Add>
void sum_columns(int64_t rows, int64_t columns, const Value& value, const Add& add) {
  constexpr int64_t kWidth = 128;
  for (int64_t begin = 0; begin < columns; begin += kWidth) {
    const int64_t width = std::min(kWidth, columns - begin);
    Sum total[kWidth] = {};
    for (int64_t first = 0; first < rows; first += kSumChunk) {
      Sum chunk[kWidth] = {};
      const int64_t end = std::min(first + kSumChunk, rows);
      for (int64_t i = first; i < end; ++i) {
        for (int64_t j = 0; j < width; ++j) chunk[j] += value(i, begin + j);
      }
      for (int64_t j = 0; j < width; ++j) total[j] += chunk[j];
    }
    for (int64_t j = 0; j < width; ++j) add(begin + j, total[j]);
  }
}

void scale_row(int64_t columns, const float* gamma, const float* beta, float* out) {
  if (gamma) {
    for (int64_t j = 0; j < columns; ++j) out[j] *= gamma[j];
  }
  if (beta) {
    for (int64_t j = 0; j < columns; ++j) out[j] += beta[j];
  }
}

void layer_norm_rows(MatrixView<const float> in, ArrayView<const float> gamma, ArrayView<const float> beta, float epsilon,
                     MatrixView<float> saved, MatrixView<float> out) {
  const auto size = static_cast<float>(in.columns);
  for (int64_t i = 0; i < in.rows && size > 0; ++i) {
    const float* x = in.row(i);
    float* y = out.row(i);
    const float mean = x[0] + row_sum(in.columns, [&](int64_t j) { return x[j] - x[0]; }) / size;
    const float variance = row_sum(in.columns, [&](int64_t j) { return (x[j] - mean) * (x[j] - mean); }) / size;
    const float rstd = reciprocal_root(variance, epsilon);
    saved.at(i, 0) = mean;
    saved.at(i, 1) = rstd;
    for (int64_t j = 0; j < in.columns; ++j) y[j] = normal_value(x[j], mean, rstd);
    scale_row(in.columns, gamma.size ? gamma.data : nullptr, beta.size ? beta.data : nullptr, y);
  }
}

void layer_norm_column_sums(MatrixView<const float> in, MatrixView<const float> saved, MatrixView<const float> gradient,
                            ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient) {
  const auto moment = [&](int64_t i, int64_t j) {
    return gradient.at(i, j) * normal_value(in.at(i, j), saved.at(i, 0), saved.at(i, 1));
  };
  const auto slope = [&](int64_t i, int64_t j) { return gradient.at(i, j); };
  if (gamma_gradient.size) sum_columns<float>(in.rows, in.columns, moment, [&](int64_t j, float sum) { gamma_gradient[j] = sum; });
  if (beta_gradient.size) sum_columns<float>(in.rows, in.columns, slope, [&](int64_t j, float sum) { beta_gradient[j] = sum; });
}

void layer_norm_gradient_rows(MatrixView<const float> in, MatrixView<const float> saved, ArrayView<const float> gamma,
                              MatrixView<float> gradient, ArrayView<float> gamma_gradient, ArrayView<float> beta_gradient) {
  layer_norm_column_sums(in, saved, gradient, gamma_gradient, beta_gradient);
  const auto size = static_cast<float>(in.columns);
  for (int64_t i = 0; i < in.rows; ++i) {
    const float *x = in.row(i), mean = saved.at(i, 0), rstd = saved.at(i, 1);
    float* __restrict slope = gradient.row(i);
    scale_row(in.columns, gamma.size ? gamma.data : nullptr, nullptr, slope);
    const float mean_slope = row_sum(in.columns, [&](int64_t j) { return slope[j]; }) / size;
    const float mean_moment = row_sum(in.columns, [&](int64_t j) { return slope[j] * normal_value(x[j], mean, rstd); }) / size;
    for (int64_t j = 0; j < in.columns; ++j) {
      slope[j] = normal_gradient(slope[j], normal_value(x[j], mean, rstd), rstd, mean_slope, mean_moment);
    }
  }
}

void batch_sum_rows(MatrixView<const float> part, MatrixView<double> sums) {
  sum_columns<TwoSums>(part.rows, part.columns, [&](int64_t i, int64_t j) { return value_and_square(part.at(i, j)); },
                       [&](int64_t j, const TwoSums& sum) { sums.at(0, j) = sum.first, sums.at(1, j) = sum.second; });
}

void batch_normalise_rows(MatrixView<const float> in, const BatchStatistics& s, ArrayView<const float> gamma,
                          ArrayView<const float> beta, MatrixView<float> out) {
  for (int64_t i = 0; i < in.rows; ++i) {
    const float* x = in.row(i);
    float* y = out.row(i);
    for (int64_t j = 0; j < in.columns; ++j) y[j] = normal_value(x[j], s.mean[j], s.rstd[j]);
    scale_row(in.columns, gamma.size ? gamma.data : nullptr, beta.size ? beta.data : nullptr, y);
  }
}

void batch_gradient_sum_rows(MatrixView<const float> in, const BatchStatistics& s, MatrixView<const float> gradient,
                             MatrixView<double> sums) {
  const auto value = [&](int64_t i, int64_t j) {
    return slope_and_moment(gradient.at(i, j), normal_value(in.at(i, j), s.mean[j], s.rstd[j]));
  };
  sum_columns<TwoSums>(in.rows, in.columns, value,
                       [&](int64_t j, const TwoSums& sum) { sums.at(0, j) = sum.first, sums.at(1, j) = sum.second; });
}

void batch_gradient_rows(MatrixView<const float> in, const BatchStatistics& s, ArrayView<const float> gamma,
                         MatrixView<const double> sums, int64_t rows, MatrixView<float> gradient) {
  constexpr int64_t kWidth = 256;
  float mean_slope[kWidth], mean_moment[kWidth];
  for (int64_t begin = 0; begin < in.columns; begin += kWidth) {
    const int64_t width = std::min(kWidth, in.columns - begin);
    for (int64_t j = 0; j < width; ++j) {
      mean_slope[j] = static_cast<float>(sums.at(0, begin + j) / static_cast<double>(rows));
      mean_moment[j] = static_cast<float>(sums.at(1, begin + j) / static_cast<double>(rows));
    }
    const float *mean = s.mean.data + begin, *rstd = s.rstd.data + begin;
    for (int64_t i = 0; i < in.rows; ++i) {
      const float* x = in.row(i) + begin;
      float* __restrict g = gradient.row(i) + begin;
      for (int64_t j = 0; j < width; ++j) {
        g[j] = normal_gradient(g[j], normal_value(x[j], mean[j], rstd[j]), rstd[j], mean_slope[j], mean_moment[j]);
      }
      scale_row(width, gamma.size ? gamma.data + begin : nullptr, nullptr, g);
    }
  }
}

constexpr NormaliseLoops kNormaliseLoops{layer_norm_rows,      layer_norm_gradient_rows, batch_sum_rows,
                                         batch_normalise_rows, batch_gradient_sum_rows,  batch_gradient_rows};

}  // namespace
}  // namespace crisp
