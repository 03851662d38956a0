/// Probabilities that mean what they say: a map from a model's probabilities to those that came true, learned from rows that the
/// model had not seen.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/tensors.h"
#include "core/torch_script.h"
#include "table/matrix.h"

namespace crisp {

enum class CalibrationMethod {
  none,
  sigmoid,   ///< Platt's: a logistic function of the log-odds; two numbers a class, enough for few rows
  isotonic,  ///< any rising function; needs about a thousand rows not to follow noise
};

/// "none", "sigmoid" (or "platt"), "isotonic"; Code::usage for anything else.
CalibrationMethod parse_calibration_method(const std::string& name);
const char* calibration_method_name(CalibrationMethod method);

/// Of two classes the second's probability is mapped, the first's is what is left of 1; of more each class against the others, and
/// then all divided by their sum (Zadrozny & Elkan, "Transforming classifier scores into accurate multiclass probability estimates",
/// KDD 2002).
class Calibrator {
 public:
  /// Leaves probabilities as they are.
  Calibrator() = default;
  /// said: n x classes; truth: the class's index, one a row; weights: one a row, or empty. Code::data where a class has no row, or all rows.
  static Calibrator fit(CalibrationMethod method, MatrixView<const double> said, std::span<const double> truth,
                        std::span<const float> weights);

  explicit operator bool() const { return method_ != CalibrationMethod::none; }
  CalibrationMethod method() const { return method_; }
  /// In place: n x classes.
  void apply(MatrixView<double> probabilities) const;
  /// The same as TorchScript: an expression of a Tensor[N, classes] of doubles, of `said`, the name of such a one.
  std::string script(TorchScript& script, const std::string& said) const;

  /// What is no array goes to the result.
  Json save(Tensors& arrays) const;
  /// Inverse of save(); Code::data for anything else, or for another number of classes.
  static Calibrator load(const Json& about, const Tensors& arrays, int64_t classes);

 private:
  /// isotonic: rising places and their values, straight in between and level beyond; sigmoid: slope and intercept.
  struct Map {
    std::vector<double> from, to;
  };
  double mapped(const Map& map, double probability) const;
  std::string script_of(TorchScript& script, const Map& map, const std::string& said) const;
  void check() const;

  CalibrationMethod method_ = CalibrationMethod::none;
  std::vector<Map> maps_;  // one of two classes, else one a class
};

}  // namespace crisp
