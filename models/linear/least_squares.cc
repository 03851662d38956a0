#include "models/linear/least_squares.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/interrupt.h"

namespace crisp {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The rows were float32: a direction that is shorter than this part of the longest is rounding.
constexpr double kDependent = 0x1p-23;

VectorXd lengths_of(const MatrixXd& factor) {
  VectorXd lengths = factor.colwise().norm().transpose();
  return (lengths.array() > 0).select(lengths, 1.0);
}

/// Whether columns depend on each other is asked of columns of one length, so that a unit of measure has no say in it.
MatrixXd solve_plain(const Triangle& triangle) {
  const VectorXd lengths = lengths_of(triangle.factor);
  const MatrixXd even = triangle.factor * lengths.cwiseInverse().asDiagonal();
  const Eigen::ColPivHouseholderQR<MatrixXd> qr = [&] {
    Eigen::ColPivHouseholderQR<MatrixXd> pivoted;
    pivoted.setThreshold(kDependent);
    pivoted.compute(even);
    return pivoted;
  }();
  if (qr.rank() == even.cols()) return lengths.cwiseInverse().asDiagonal() * MatrixXd(qr.solve(triangle.target));
  Eigen::CompleteOrthogonalDecomposition<MatrixXd> shortest;
  shortest.setThreshold(kDependent);
  shortest.compute(triangle.factor);
  return shortest.solve(triangle.target);
}

double soft_threshold(double value, double by) {
  return value > by ? value - by : value < -by ? value + by : 0.0;
}

}  // namespace

MatrixXd solve_ridge(const Triangle& triangle, double penalty) {
  const Eigen::Index columns = triangle.factor.cols(), height = triangle.factor.rows();
  if (penalty == 0) return solve_plain(triangle);
  MatrixXd stacked(height + columns, columns);
  stacked << triangle.factor, std::sqrt(penalty) * MatrixXd::Identity(columns, columns);
  MatrixXd target = MatrixXd::Zero(height + columns, triangle.target.cols());
  target.topRows(height) = triangle.target;
  return Eigen::HouseholderQR<MatrixXd>(stacked).solve(target);
}

ElasticNetFit solve_elastic_net(const Triangle& triangle, const ElasticNetPlan& plan) {
  const Eigen::Index columns = triangle.factor.cols();
  const VectorXd squares = triangle.factor.colwise().squaredNorm().transpose() / triangle.weight;
  const double l1 = plan.alpha * plan.l1_ratio, l2 = plan.alpha * (1 - plan.l1_ratio);
  const double deviation = triangle.target_norms(0) / std::sqrt(triangle.weight);
  ElasticNetFit fit{VectorXd::Zero(columns)};
  VectorXd residual = triangle.target.col(0);
  while (fit.passes < plan.most_passes && !fit.converged) {
    check_interrupt();
    double largest = 0;
    for (Eigen::Index j = 0; j < columns; ++j) {
      if (squares(j) == 0) continue;
      const double before = fit.weights(j);
      const double pull = triangle.factor.col(j).dot(residual) / triangle.weight + squares(j) * before;
      const double after = soft_threshold(pull, l1) / (squares(j) + l2);
      if (after == before) continue;
      residual += (before - after) * triangle.factor.col(j);
      fit.weights(j) = after;
      largest = std::max(largest, std::fabs(after - before) * std::sqrt(squares(j)));
    }
    ++fit.passes;
    fit.converged = largest <= plan.tolerance * deviation;
  }
  return fit;
}

}  // namespace crisp
