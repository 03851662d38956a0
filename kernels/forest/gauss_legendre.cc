#include "kernels/forest/shap_plan.h"

namespace crisp::forest {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// By its series: good to a few ulp on [0, pi / 2], which is all that a first guess needs, and the same on every machine, which libm's is not.
double cosine(double x) {
  double term = 1, sum = 1;
  for (int k = 1; k < 24; k += 2) {
    term *= -x * x / (k * (k + 1));
    sum += term;
  }
  return sum;
}

struct Legendre {
  double value, slope;
};

Legendre legendre(int32_t degree, double x) {
  double before = 1, value = x;
  for (int32_t k = 2; k <= degree; ++k) {
    const double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return {value, degree * (x * value - before) / (x * x - 1)};
}

}  // namespace

Quadrature gauss_legendre(int32_t points) {
  const auto count = static_cast<std::size_t>(points);
  Quadrature rule{std::vector<double>(count), std::vector<double>(count)};
  for (int32_t i = 0; i < (points + 1) / 2; ++i) {  // the roots lie symmetrically
    double x = cosine(kPi * (i + 0.75) / (points + 0.5));
    if (2 * i + 1 == points) x = 0;
    for (int step = 0; step < 8; ++step) {
      const Legendre at = legendre(points, x);
      x -= at.value / at.slope;
    }
    const double slope = legendre(points, x).slope, weight = 1 / ((1 - x * x) * slope * slope);
    rule.at[i] = 0.5 * (1 - x);
    rule.at[points - 1 - i] = 0.5 * (1 + x);
    rule.weight[i] = rule.weight[points - 1 - i] = weight;
  }
  return rule;
}

}  // namespace crisp::forest
