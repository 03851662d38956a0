#include "kernels/scale/power_lambda.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace crisp {
namespace {

/// Minus the profile log-likelihood of one column as a function of lambda.
class Likelihood {
 public:
  Likelihood(ScaleMethod method, std::span<const double> values) : method_(method), values_(values) {
    transformed_.resize(values.size());
    for (const double x : values) {
      // The logarithm of the transform's slope is (lambda - 1) times this.
      jacobian_ += method == ScaleMethod::box_cox ? std::log(x) : std::copysign(std::log1p(std::abs(x)), x);
    }
  }

  double operator()(double lambda) {
    double sum = 0.0;
    for (size_t i = 0; i < values_.size(); ++i) {
      transformed_[i] =
          method_ == ScaleMethod::box_cox ? box_cox(values_[i], lambda) : yeo_johnson(values_[i], lambda);
      sum += transformed_[i];
    }
    const double n = static_cast<double>(values_.size());
    const double mean = sum / n;
    double squares = 0.0;
    for (const double y : transformed_) squares += (y - mean) * (y - mean);
    const double value = 0.5 * n * std::log(squares / n) - (lambda - 1.0) * jacobian_;
    // Overflow and a collapsed variance are no optimum.
    return std::isfinite(value) ? value : HUGE_VAL;
  }

 private:
  ScaleMethod method_;
  std::span<const double> values_;
  std::vector<double> transformed_;
  double jacobian_ = 0.0;
};

struct Bracket {
  double a, b, c;  ///< a minimum lies between a and c, and f(b) is below both ends
  double fb;
};

/// Walks downhill by growing steps until the function rises again.
Bracket bracket(Likelihood& f, double a, double b) {
  constexpr double kGolden = 1.618034;
  constexpr int kMaxSteps = 50;
  double fa = f(a), fb = f(b);
  if (fa < fb) {
    std::swap(a, b);
    std::swap(fa, fb);
  }
  double c = b + kGolden * (b - a);
  for (int step = 0; step < kMaxSteps && f(c) < fb; ++step) {
    a = std::exchange(b, c);
    fb = f(b);
    c = b + kGolden * (b - a);
  }
  return {std::min(a, c), b, std::max(a, c), fb};
}

/// Brent, "Algorithms for Minimization without Derivatives" (1973), chapter 5: parabolas where they behave,
/// golden sections where not.
double minimise(Likelihood& f, const Bracket& start) {
  constexpr double kSection = 0.3819660, kTolerance = 1.48e-8, kTiny = 1e-11;
  constexpr int kMaxSteps = 500;
  double low = start.a, high = start.c;
  double best = start.b, second = best, third = best;
  double f_best = start.fb, f_second = f_best, f_third = f_best;
  double move = 0.0, move_before = 0.0;
  for (int step = 0; step < kMaxSteps; ++step) {
    const double middle = 0.5 * (low + high), tolerance = kTolerance * std::abs(best) + kTiny;
    if (std::abs(best - middle) <= 2.0 * tolerance - 0.5 * (high - low)) break;
    // The parabola through the three best points: its vertex lies p / q from the best.
    const double r = (best - second) * (f_best - f_third);
    double q = (best - third) * (f_best - f_second);
    double p = (best - third) * q - (best - second) * r;
    q = 2.0 * (q - r);
    if (q > 0.0) p = -p;
    q = std::abs(q);
    const bool parabola = std::abs(move_before) > tolerance &&
                          std::abs(p) < std::abs(0.5 * q * move_before) && p > q * (low - best) &&
                          p < q * (high - best);
    move_before = parabola ? move : (best >= middle ? low : high) - best;
    move = parabola ? p / q : kSection * move_before;
    const double x = best + (std::abs(move) >= tolerance ? move : std::copysign(tolerance, move));
    const double fx = f(x);
    if (fx <= f_best) {
      (x >= best ? low : high) = best;
      third = std::exchange(second, std::exchange(best, x));
      f_third = std::exchange(f_second, std::exchange(f_best, fx));
    } else {
      (x < best ? low : high) = x;
      if (fx <= f_second || second == best) {
        third = std::exchange(second, x);
        f_third = std::exchange(f_second, fx);
      } else if (fx <= f_third || third == best || third == second) {
        third = x;
        f_third = fx;
      }
    }
  }
  return best;
}

}  // namespace

double power_lambda(ScaleMethod method, std::span<const double> values) {
  const bool constant = std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (constant) return 1.0;
  Likelihood likelihood(method, values);
  return minimise(likelihood, bracket(likelihood, -2.0, 2.0));
}

}  // namespace crisp
