#include "models/linear/minimise.h"

#include <cmath>
#include <deque>
#include <limits>

#include "core/interrupt.h"

namespace crisp {
namespace {

using Eigen::VectorXd;

constexpr size_t kPairs = 10;
constexpr int kMostHalvings = 60;

struct Pair {
  VectorXd moved, turned;  // of the point, of the gradient
  double inverse = 0;      // 1 / their product
};

/// The direction of steepest descent in the metric that the pairs know.
VectorXd direction(const std::deque<Pair>& pairs, const VectorXd& gradient) {
  VectorXd q = gradient;
  std::vector<double> alphas(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    alphas[i] = pairs[i].inverse * pairs[i].moved.dot(q);
    q -= alphas[i] * pairs[i].turned;
  }
  if (!pairs.empty()) q *= 1 / (pairs.back().inverse * pairs.back().turned.squaredNorm());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].inverse * pairs[i].turned.dot(q);
    q += (alphas[i] - beta) * pairs[i].moved;
  }
  return -q;
}

struct Point {
  VectorXd at, gradient;
  double value = 0;
};

/// A point along `along` that is lower by enough and flatter by enough; false where rounding hides any progress.
bool search(const Objective& objective, const Point& from, const VectorXd& along, double step, Point& to) {
  constexpr double kLower = 1e-4, kFlatter = 0.9, kRounding = 1e-14;
  const double slope = from.gradient.dot(along);
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kMostHalvings; ++i) {
    to.at = from.at + step * along;
    to.value = objective(to.at, to.gradient);
    const double slope_there = to.gradient.dot(along);
    // Near the end a value has no digits left to show progress by, the slope has: Hager and Zhang's approximate condition.
    const bool alike = to.value <= from.value + kRounding * std::fabs(from.value) && slope_there <= (2 * kLower - 1) * slope;
    if (!(to.value <= from.value + kLower * step * slope) && !alike) {
      high = step;
    } else if (slope_there < kFlatter * slope) {
      low = step;
    } else {
      return true;
    }
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
  return false;
}

}  // namespace

Minimum minimise(const Objective& objective, VectorXd start, double tolerance, int64_t most_steps) {
  Point here{std::move(start), VectorXd(), 0}, next;
  here.gradient.resize(here.at.size());
  next.gradient.resize(here.at.size());
  here.value = objective(here.at, here.gradient);
  std::deque<Pair> pairs;
  Minimum found;
  while (found.steps < most_steps) {
    check_interrupt();
    found.converged = here.gradient.size() == 0 || here.gradient.lpNorm<Eigen::Infinity>() <= tolerance;
    if (found.converged) break;
    const VectorXd along = direction(pairs, here.gradient);
    const double first = pairs.empty() ? std::min(1.0, 1 / here.gradient.norm()) : 1.0;
    if (!search(objective, here, along, first, next)) {
      found.converged = !pairs.empty();
      if (pairs.empty()) break;
      pairs.clear();  // once more along the gradient itself, before that is the end
      if (!search(objective, here, -here.gradient, std::min(1.0, 1 / here.gradient.norm()), next)) break;
    }
    Pair pair{next.at - here.at, next.gradient - here.gradient};
    const double product = pair.moved.dot(pair.turned);
    if (product > std::numeric_limits<double>::epsilon() * pair.turned.squaredNorm()) {
      pair.inverse = 1 / product;
      pairs.push_back(std::move(pair));
      if (pairs.size() > kPairs) pairs.pop_front();
    }
    std::swap(here, next);
    ++found.steps;
  }
  found.at = std::move(here.at);
  found.value = here.value;
  return found;
}

}  // namespace crisp
