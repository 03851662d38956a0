/// One value of a normalised column or row.
#pragma once

#include <cmath>

#include "kernels/training/normalise.h"

namespace crisp {

/// A row's sum: column j belongs to lane j % kRowLanes, whose columns are added in order; then the lanes by halves.
constexpr int kRowLanes = 32;

struct TwoSums {
  double first = 0, second = 0;
  CRISP_HD TwoSums& operator+=(const TwoSums& other) {
    first += other.first;
    second += other.second;
    return *this;
  }
};

/// Value and share in the sums of a column, forward and back.
CRISP_HD inline TwoSums value_and_square(float x) { return {x, static_cast<double>(x) * x}; }

CRISP_HD inline float normal_value(float x, float mean, float rstd) { return (x - mean) * rstd; }

CRISP_HD inline TwoSums slope_and_moment(float slope, float normal) { return {slope, static_cast<double>(slope * normal)}; }

CRISP_HD inline float reciprocal_root(float variance, float epsilon) { return 1.0f / std::sqrt(variance + epsilon); }

/// Of `slope` = d loss / d normalised value, where `mean_slope` and `mean_moment` are the means of it and of it times the
/// normalised value over what was normalised together.
CRISP_HD inline float normal_gradient(float slope, float normal, float rstd, float mean_slope, float mean_moment) {
  return rstd * (slope - mean_slope - normal * mean_moment);
}

CRISP_HD inline double joined_sum(MatrixView<const double> parts, int64_t j) {
  double sum = 0;
  for (int64_t part = 0; part < parts.rows; ++part) sum += parts.at(part, j);
  return sum;
}

/// Column j of batch_statistics().
CRISP_HD inline void set_statistics(MatrixView<const double> sums, int64_t rows, double epsilon, double momentum,
                                    const BatchStatistics& out, int64_t j) {
  const double n = static_cast<double>(rows), mean = sums.at(0, j) / n;
  const double raw = sums.at(1, j) / n - mean * mean, variance = raw < 0 ? 0 : raw;
  out.mean[j] = static_cast<float>(mean);
  out.rstd[j] = static_cast<float>(1 / std::sqrt(variance + epsilon));
  if (!out.running_mean.size) return;
  const double unbiased = variance * (rows > 1 ? n / (n - 1) : 1.0);
  out.running_mean[j] = static_cast<float>((1 - momentum) * out.running_mean[j] + momentum * mean);
  out.running_variance[j] = static_cast<float>((1 - momentum) * out.running_variance[j] + momentum * unbiased);
}

/// Column j of running_statistics().
CRISP_HD inline void use_running(double epsilon, const BatchStatistics& out, int64_t j) {
  out.mean[j] = out.running_mean[j];
  out.rstd[j] = static_cast<float>(1 / std::sqrt(out.running_variance[j] + epsilon));
}

}  // namespace crisp
