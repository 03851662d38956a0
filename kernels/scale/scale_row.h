/// The maths of scaling one value, each formula with its inverse.
#pragma once

#include <cmath>

#include "cuda/host_device.h"
#include "kernels/scale/power_row.h"

namespace crisp {

enum class ScaleMethod {
  standard,        ///< (x - mean) / population std
  min_max,         ///< (x - min) / (max - min)
  robust,          ///< (x - median) / (p75 - p25); by the std where that is 0
  robust_arcsinh,  ///< arcsinh of robust: linear near the median, logarithmic in the tails
  max_abs,         ///< x / max |x|
  row_l2,          ///< each row by its Euclidean length (rows of zeros stay); nothing to fit, no inverse
  log1p,           ///< log(1 + x), NaN at and below -1; nothing to fit
  box_cox,         ///< Box-Cox (x > 0), lambda by maximum likelihood, then standard
  yeo_johnson,     ///< Yeo-Johnson, lambda by maximum likelihood, then standard
};

/// y = (f(x) - center) / scale, or arcsinh of that; f by method. `scale` is never 0.
struct ScaleColumn {
  double center = 0.0, scale = 1.0;
  double lambda = 1.0;  ///< of box_cox and yeo_johnson
  bool operator==(const ScaleColumn&) const = default;
};

/// Undoes box_cox (power_row.h).
CRISP_HD inline double box_cox_inverse(double y, double lambda) {
  return lambda == 0.0 ? std::exp(y) : std::exp(std::log1p(lambda * y) / lambda);
}

/// Undoes yeo_johnson, of y >= 0.
CRISP_HD inline double yeo_johnson_half_inverse(double y, double lambda) {
  return lambda == 0.0 ? std::expm1(y) : std::expm1(std::log1p(lambda * y) / lambda);
}

CRISP_HD inline double yeo_johnson_inverse(double y, double lambda) {
  return y >= 0.0 ? yeo_johnson_half_inverse(y, lambda) : -yeo_johnson_half_inverse(-y, 2.0 - lambda);
}

/// One value through a method that works value by value (all but row_l2).
template <ScaleMethod method>
CRISP_HD inline double scale_value(double x, const ScaleColumn& p) {
  if constexpr (method == ScaleMethod::log1p) return x > -1.0 ? std::log1p(x) : __builtin_nan("");
  if constexpr (method == ScaleMethod::box_cox) x = power_of<PowerFamily::box_cox>(x, p.lambda);
  if constexpr (method == ScaleMethod::yeo_johnson) x = power_of<PowerFamily::yeo_johnson>(x, p.lambda);
  const double y = (x - p.center) / p.scale;
  if constexpr (method == ScaleMethod::robust_arcsinh) return std::asinh(y);
  return y;
}

template <ScaleMethod method>
CRISP_HD inline double unscale_value(double y, const ScaleColumn& p) {
  if constexpr (method == ScaleMethod::log1p) return std::expm1(y);
  if constexpr (method == ScaleMethod::robust_arcsinh) y = std::sinh(y);
  const double x = y * p.scale + p.center;
  if constexpr (method == ScaleMethod::box_cox) return box_cox_inverse(x, p.lambda);
  if constexpr (method == ScaleMethod::yeo_johnson) return yeo_johnson_inverse(x, p.lambda);
  return x;
}

/// Calls body.template operator()<method>() with the method as a constant.
template <class Body>
void with_scale_method(ScaleMethod method, Body body) {
  switch (method) {
    case ScaleMethod::standard:
    case ScaleMethod::min_max:
    case ScaleMethod::robust:
    case ScaleMethod::max_abs:
    case ScaleMethod::row_l2:
      return body.template operator()<ScaleMethod::standard>();  // one affine formula
    case ScaleMethod::robust_arcsinh:
      return body.template operator()<ScaleMethod::robust_arcsinh>();
    case ScaleMethod::log1p:
      return body.template operator()<ScaleMethod::log1p>();
    case ScaleMethod::box_cox:
      return body.template operator()<ScaleMethod::box_cox>();
    case ScaleMethod::yeo_johnson:
      return body.template operator()<ScaleMethod::yeo_johnson>();
  }
}

}  // namespace crisp
