/// The search for an exponent, one evaluation at a time, so that many columns can be searched side by side.
#pragma once

namespace crisp {

/// Finds a minimum of a function of one variable that somebody else evaluates: `while (!done())
/// tell(f(candidate()))`. Walks downhill from -2 and 2 until the function rises, then Brent, "Algorithms for
/// Minimization without Derivatives" (1973), chapter 5: parabolas where they behave, golden sections where
/// not. The same steps as scipy's brent() and so scikit-learn's PowerTransformer.
class PowerSearch {
 public:
  bool done() const { return phase_ == Phase::done; }
  /// Where the function is wanted next; when done, where it is least.
  double candidate() const { return candidate_; }
  /// The function there: finite, or HUGE_VAL.
  void tell(double value);

 private:
  enum class Phase { first, second, walk, shrink, done };
  struct Point {
    double x = 0.0, f = 0.0;
  };

  void walk_on();
  void begin_shrinking();
  void propose();
  void replace(Point point);

  Phase phase_ = Phase::first;
  double candidate_ = -2.0;
  int steps_ = 0;
  Point far_, near_;               // of the walk: near is the lower one
  double low_ = 0.0, high_ = 0.0;  // a minimum lies between
  Point best_, second_, third_;
  double move_ = 0.0, move_before_ = 0.0;
};

}  // namespace crisp
