/// Where normal ends: a cutoff learned from the scores of the training rows.
#pragma once

#include <span>
#include <string>

#include "core/json.h"

namespace crisp {

struct ThresholdRule {
  enum class Method {
    mean_std,       ///< mean + k * (sample) standard deviation of the scores
    quantile,       ///< the k-quantile of the scores (linear between order statistics)
    contamination,  ///< the share k of the training rows lies above it: the (1 - k)-quantile
    fixed,          ///< the value k itself
  };
  Method method = Method::mean_std;
  double k = 3.0;

  /// From "mean_std", "quantile", "contamination", "fixed" and its number; Code::config for anything else.
  static ThresholdRule parse(const std::string& method, double k);
  /// The k that is meant where none is given: 3 deviations, the 0.99-quantile, a share of 0.01; NaN where there is none.
  static double usual_k(const std::string& method);
  const char* method_name() const;

  /// The cutoff: a score above it is an anomaly. `scores` must not be empty (but for fixed).
  double fit(std::span<const double> scores) const;

  Json to_json() const;
  static ThresholdRule from_json(const Json& json);
};

/// The q-quantile of `values` (any order), linear between order statistics: numpy's default. Values must be finite.
double quantile(std::span<const double> values, double q);
/// The same of values that ascend already.
double quantile_of_sorted(std::span<const double> sorted, double q);

}  // namespace crisp
