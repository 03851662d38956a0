/// 32-bit stand-ins for 64-bit thresholds, so that rows of 32-bit numbers are told apart as the 64-bit ones would be.
#pragma once

#include <vector>

namespace crisp {

/// For thresholds t[0] < t[1] < ... there are floats c[0] < c[1] < ..., each the largest that is not above its threshold, or as near to
/// that as the order allows. narrow(x) is the float nearest to x that lies on the same side of every c[k] as x of t[k]:
/// x <= t[k] exactly where narrow(x) <= c[k]. Numbers that are floats already, and between thresholds that are not nearer to each other
/// than floats, stay as they are.
class FloatCuts {
 public:
  /// Finite; sorted here, each kept once.
  explicit FloatCuts(std::vector<double> thresholds);

  const std::vector<double>& thresholds() const { return thresholds_; }
  const std::vector<float>& floats() const { return floats_; }
  /// The c[k] of a threshold that is among them.
  float of(double threshold) const;
  /// NaN and infinities stay; what is beyond floats comes to the largest.
  double narrow(double x) const;

 private:
  std::vector<double> thresholds_;
  std::vector<float> floats_;
};

}  // namespace crisp
