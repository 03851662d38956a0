/// Rows of any number reduced to a triangle with the same sums of squares: what every linear model of numbers is solved on.
#pragma once

#include <Eigen/Core>

#include "cuda/exec.h"
#include "train/model.h"

namespace crisp {

/// With w the rows' weights, x their columns and y one of their targets, less their means where `centred`: for every b,
/// sum w (y - x b)^2 = |target - factor b|^2 + rest^2. A row may have several targets, a column each.
struct Triangle {
  Eigen::MatrixXd factor;       ///< min(rows, columns) x columns, upper trapezoidal
  Eigen::MatrixXd target;       ///< a row for each of factor
  Eigen::VectorXd means;        ///< of the columns; 0 where not centred
  Eigen::Array<bool, Eigen::Dynamic, 1> constant;  ///< columns of one value: 0 throughout the factor, where centred
  Eigen::VectorXd target_means; ///< 0 where not centred
  double weight = 0;            ///< of all rows
  Eigen::VectorXd target_norms; ///< of the centred, weighted targets
};

/// Householder QR of pieces of rows side by side, folded in their order: the same bits for every number of threads. The
/// condition of the rows is not squared, as it would be by a product of the matrix with itself.
/// (Demmel, Grigori, Hoemmen, Langou, "Communication-optimal parallel and sequential QR", SIAM J. Sci. Comput. 2012.)
/// 2 rows columns^2 operations; memory for 64 pieces of max(1024, 2 columns) rows in double.
Triangle reduce_rows(Exec& exec, const LabelledRows& rows, bool centred);

}  // namespace crisp
