/// The least value of a smooth function of many variables.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace crisp {

struct Minimum {
  Eigen::VectorXd at;
  double value = 0;
  int64_t steps = 0;
  bool converged = false;  ///< by the gradient, or because no step makes it less in double precision
};

/// The value at a point; the gradient goes to the second argument, which has the point's size.
using Objective = std::function<double(const Eigen::VectorXd& at, Eigen::VectorXd& gradient)>;

/// L-BFGS with ten pairs (Nocedal, Wright, "Numerical optimization", 2006, algorithm 7.4) and a line search by bisection for the
/// weak Wolfe conditions (Lewis, Overton, "Nonsmooth optimization via quasi-Newton methods", Math. Program. 2013), of which the
/// first is taken from slopes where values are alike to rounding (Hager, Zhang, SIAM J. Optim. 2005). Ends where no
/// part of the gradient is larger than `tolerance`.
Minimum minimise(const Objective& objective, Eigen::VectorXd start, double tolerance, int64_t most_steps);

}  // namespace crisp
