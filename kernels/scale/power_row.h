/// The maths of the power transforms, in our own logarithm and exponential: the same bits on every engine.
/// Both transforms see a value through its logarithm alone, which a fit takes once for all its trials.
#pragma once

#include "cuda/exact_math.h"
#include "cuda/host_device.h"

namespace crisp {

enum class PowerFamily {
  box_cox,  ///< Box and Cox, "An Analysis of Transformations" (1964): (x^lambda - 1) / lambda, log(x) at 0
  yeo_johnson,  ///< Yeo and Johnson, "A new family of power transformations" (2000): the same of 1 + x for x
                ///< >= 0; mirrored with 2 - lambda below
};

/// The logarithm that the transform works on. NaN for box_cox unless x > 0. Its sum over a column, times
/// lambda
/// - 1, is the logarithm of the transform's slope.
template <PowerFamily family>
CRISP_HD inline double power_log(double x) {
  if constexpr (family == PowerFamily::box_cox) return x > 0.0 ? exact_log(x) : __builtin_nan("");
  return x < 0.0 ? -exact_log1p(-x) : exact_log1p(x);
}

/// (e^(lambda log) - 1) / lambda. Through expm1, so that a lambda near 0 does not cancel.
CRISP_HD inline double power_half(double log, double lambda) {
  return lambda == 0.0 ? log : exact_expm1(lambda * log) / lambda;
}

/// The transformed value of power_log(x).
template <PowerFamily family>
CRISP_HD inline double power_of_log(double log, double lambda) {
  if constexpr (family == PowerFamily::yeo_johnson) {
    if (log < 0.0) return -power_half(-log, 2.0 - lambda);
  }
  return power_half(log, lambda);
}

template <PowerFamily family>
CRISP_HD inline double power_of(double x, double lambda) {
  return power_of_log<family>(power_log<family>(x), lambda);
}

/// A value of a column's middle, and what one exponent makes of it.
struct PowerPivot {
  double log, lambda;
  double value;   ///< the transformed pivot
  double factor;  ///< the slope of the transform there, by the logarithm
};

template <PowerFamily family>
CRISP_HD inline PowerPivot power_pivot(double log, double lambda) {
  const bool mirrored = family == PowerFamily::yeo_johnson && log < 0.0;
  return {log, lambda, power_of_log<family>(log, lambda),
          mirrored ? exact_exp((lambda - 2.0) * log) : exact_exp(lambda * log)};
}

/// How far the transformed value of a logarithm is from the pivot's. (e^(lambda a) - e^(lambda b)) / lambda
/// is e^(lambda b) times the transform of a - b, which keeps the digits of values that lie close together far
/// from 1.
template <PowerFamily family>
CRISP_HD inline double power_distance(double log, const PowerPivot& pivot) {
  if constexpr (family == PowerFamily::yeo_johnson) {
    if ((log < 0.0) != (pivot.log < 0.0)) return power_of_log<family>(log, pivot.lambda) - pivot.value;
    if (log < 0.0) return -pivot.factor * power_half(pivot.log - log, 2.0 - pivot.lambda);
  }
  return pivot.factor * power_half(log - pivot.log, pivot.lambda);
}

// --- Sums over a column, in an order that is part of the contract ---

/// A column is cut into chunks; lane l of a chunk adds the values l, l + 256, ... in order. Lanes are folded
/// by halves within groups of 32, groups in order; the chunks' sums are then folded like values.
constexpr int kPowerLanes = 256;
constexpr int kPowerGroup = 32;
constexpr int64_t kPowerChunk = 4096;

/// Sums of transformed values about a pivot near their middle, so that one pass gives the variance.
struct PowerMoments {
  double sum = 0.0, squares = 0.0;

  CRISP_HD void add(double distance) {
    sum += distance;
    squares += distance * distance;
  }
  CRISP_HD PowerMoments operator+(const PowerMoments& other) const {
    return {sum + other.sum, squares + other.squares};
  }
};

}  // namespace crisp
