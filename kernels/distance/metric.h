/// The distances between rows that this family knows.
#pragma once

namespace crisp {

enum class Metric : int {
  l2,          ///< sqrt(sum (a - b)^2), Euclidean
  l2_squared,  ///< sum (a - b)^2
  l1,          ///< sum |a - b|, Manhattan
  cosine,      ///< 1 - cos(a, b); 1 where one of them is all zeros, as in scikit-learn
};

}  // namespace crisp
