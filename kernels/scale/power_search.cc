#include "kernels/scale/power_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace crisp {

void PowerSearch::tell(double value) {
  switch (phase_) {
    case Phase::first:
      far_ = {candidate_, value};
      candidate_ = 2.0;
      phase_ = Phase::second;
      return;
    case Phase::second:
      near_ = {candidate_, value};
      if (far_.f < near_.f) std::swap(far_, near_);
      phase_ = Phase::walk;
      return walk_on();
    case Phase::walk:
      if (value >= near_.f) return begin_shrinking();
      far_ = std::exchange(near_, {candidate_, value});
      return walk_on();
    case Phase::shrink:
      replace({candidate_, value});
      return propose();
    case Phase::done:
      return;
  }
}

void PowerSearch::walk_on() {
  constexpr double kGolden = 1.618034;
  constexpr int kMaxSteps = 50;
  candidate_ = near_.x + kGolden * (near_.x - far_.x);
  if (++steps_ > kMaxSteps) begin_shrinking();
}

/// Between the far point and the candidate the function is not above its ends.
void PowerSearch::begin_shrinking() {
  low_ = std::min(far_.x, candidate_);
  high_ = std::max(far_.x, candidate_);
  best_ = second_ = third_ = near_;
  steps_ = 0;
  phase_ = Phase::shrink;
  propose();
}

void PowerSearch::propose() {
  constexpr double kSection = 0.3819660, kTolerance = 1.48e-8, kTiny = 1e-11;
  constexpr int kMaxSteps = 500;
  const double middle = 0.5 * (low_ + high_), tolerance = kTolerance * std::abs(best_.x) + kTiny;
  if (std::abs(best_.x - middle) <= 2.0 * tolerance - 0.5 * (high_ - low_) || ++steps_ > kMaxSteps) {
    candidate_ = best_.x;
    phase_ = Phase::done;
    return;
  }
  // The parabola through the three best points: its vertex lies p / q from the best.
  const double r = (best_.x - second_.x) * (best_.f - third_.f);
  double q = (best_.x - third_.x) * (best_.f - second_.f);
  double p = (best_.x - third_.x) * q - (best_.x - second_.x) * r;
  q = 2.0 * (q - r);
  if (q > 0.0) p = -p;
  q = std::abs(q);
  const bool parabola = std::abs(move_before_) > tolerance &&
                        std::abs(p) < std::abs(0.5 * q * move_before_) && p > q * (low_ - best_.x) &&
                        p < q * (high_ - best_.x);
  move_before_ = parabola ? move_ : (best_.x >= middle ? low_ : high_) - best_.x;
  move_ = parabola ? p / q : kSection * move_before_;
  candidate_ = best_.x + (std::abs(move_) >= tolerance ? move_ : std::copysign(tolerance, move_));
}

void PowerSearch::replace(Point point) {
  if (point.f <= best_.f) {
    (point.x >= best_.x ? low_ : high_) = best_.x;
    third_ = std::exchange(second_, std::exchange(best_, point));
    return;
  }
  (point.x < best_.x ? low_ : high_) = point.x;
  if (point.f <= second_.f || second_.x == best_.x) {
    third_ = std::exchange(second_, point);
  } else if (point.f <= third_.f || third_.x == best_.x || third_.x == second_.x) {
    third_ = point;
  }
}

}  // namespace crisp
