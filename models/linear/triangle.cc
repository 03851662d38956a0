#include "models/linear/triangle.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/error.h"

namespace crisp {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int64_t kPiecesAtOnce = 64;

double weight(const LabelledRows& rows, int64_t row) {
  return rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[static_cast<size_t>(row)]);
}

/// The targets of one row.
VectorXd targets(const LabelledRows& rows, int64_t row) {
  return Eigen::Map<const Eigen::VectorXf>(rows.target.data() + row * rows.answers, rows.answers).cast<double>();
}

/// Sums of one piece of rows, and the range of each column.
struct PieceSums {
  VectorXd columns, low, high, targets;
  double weight = 0;
};

PieceSums sum_piece(const LabelledRows& rows, int64_t begin, int64_t end) {
  const int64_t columns = rows.rows.columns;
  PieceSums sums{VectorXd::Zero(columns), VectorXd::Constant(columns, INFINITY), VectorXd::Constant(columns, -INFINITY),
                 VectorXd::Zero(rows.answers)};
  for (int64_t i = begin; i < end; ++i) {
    const VectorXd row = Eigen::Map<const Eigen::VectorXf>(rows.rows.row(i), columns).cast<double>();
    const double w = weight(rows, i);
    sums.columns += w * row;
    sums.low = sums.low.cwiseMin(row);
    sums.high = sums.high.cwiseMax(row);
    sums.targets += w * targets(rows, i);
    sums.weight += w;
  }
  return sums;
}

void find_means(Exec& exec, const LabelledRows& rows, int64_t piece, bool centred, Triangle& triangle) {
  const int64_t pieces = (rows.rows.rows + piece - 1) / piece;
  std::vector<PieceSums> parts(static_cast<size_t>(pieces));
  exec.threads().run(pieces, [&](int64_t k) {
    parts[static_cast<size_t>(k)] = sum_piece(rows, k * piece, std::min(rows.rows.rows, (k + 1) * piece));
  });
  PieceSums all = parts[0];
  for (size_t k = 1; k < parts.size(); ++k) {
    all.columns += parts[k].columns;
    all.low = all.low.cwiseMin(parts[k].low);
    all.high = all.high.cwiseMax(parts[k].high);
    all.targets += parts[k].targets;
    all.weight += parts[k].weight;
  }
  CRISP_REQUIRE(all.weight > 0, Code::data, "the weights of all rows are 0");
  triangle.weight = all.weight;
  triangle.constant = all.low.array() == all.high.array();
  triangle.means = VectorXd::Zero(rows.rows.columns);
  triangle.target_means = VectorXd::Zero(rows.answers);
  if (!centred) return;
  triangle.means = triangle.constant.select(all.low.array(), all.columns.array() / all.weight).matrix();
  triangle.target_means = all.targets / all.weight;
}

/// The triangle of `stacked`, columns and targets side by side.
MatrixXd triangle_of(MatrixXd& stacked) {
  const Eigen::HouseholderQR<Eigen::Ref<MatrixXd>> qr(stacked);
  const Eigen::Index rows = std::min(stacked.rows(), stacked.cols());
  return qr.matrixQR().topRows(rows).triangularView<Eigen::Upper>();
}

MatrixXd reduce_piece(const LabelledRows& rows, const Triangle& triangle, int64_t begin, int64_t end) {
  const int64_t columns = rows.rows.columns;
  MatrixXd piece(end - begin, columns + rows.answers);
  for (int64_t i = begin; i < end; ++i) {
    const double root = std::sqrt(weight(rows, i));
    const VectorXd row = Eigen::Map<const Eigen::VectorXf>(rows.rows.row(i), columns).cast<double>();
    piece.row(i - begin).head(columns) = root * (row - triangle.means).transpose();
    piece.row(i - begin).tail(rows.answers) = root * (targets(rows, i) - triangle.target_means).transpose();
  }
  return triangle_of(piece);
}

/// One under the other, in their order, and reduced again.
MatrixXd fold(const MatrixXd& so_far, const std::vector<MatrixXd>& parts, int64_t columns) {
  Eigen::Index height = so_far.rows();
  for (const MatrixXd& part : parts) height += part.rows();
  MatrixXd stacked(height, columns);
  Eigen::Index at = 0;
  const auto put = [&](const MatrixXd& part) {
    if (part.rows() > 0) stacked.middleRows(at, part.rows()) = part;
    at += part.rows();
  };
  put(so_far);
  for (const MatrixXd& part : parts) put(part);
  return triangle_of(stacked);
}

}  // namespace

Triangle reduce_rows(Exec& exec, const LabelledRows& rows, bool centred) {
  const int64_t count = rows.rows.rows, columns = rows.rows.columns;
  CRISP_ASSERT(count > 0 && static_cast<size_t>(count * rows.answers) == rows.target.size());
  const int64_t piece = std::max<int64_t>(1024, 2 * columns);
  Triangle triangle;
  find_means(exec, rows, piece, centred, triangle);
  const int64_t width = columns + rows.answers;
  MatrixXd reduced(0, width);
  for (int64_t first = 0; first < count; first += kPiecesAtOnce * piece) {
    const int64_t pieces = std::min(kPiecesAtOnce, (count - first + piece - 1) / piece);
    std::vector<MatrixXd> parts(static_cast<size_t>(pieces));
    exec.threads().run(pieces, [&](int64_t k) {
      const int64_t begin = first + k * piece;
      parts[static_cast<size_t>(k)] = reduce_piece(rows, triangle, begin, std::min(count, begin + piece));
    });
    reduced = pieces == 1 && reduced.rows() == 0 ? std::move(parts[0]) : fold(reduced, parts, width);
  }
  const Eigen::Index height = std::min<Eigen::Index>(reduced.rows(), columns);
  triangle.factor = reduced.topLeftCorner(height, columns);
  triangle.target = reduced.topRightCorner(height, rows.answers);
  triangle.target_norms = reduced.rightCols(rows.answers).colwise().norm();
  // Rounding of the fold must not make a direction out of nothing.
  for (Eigen::Index j = 0; j < columns; ++j) {
    if (centred && triangle.constant(j)) triangle.factor.col(j).setZero();
  }
  return triangle;
}

}  // namespace crisp
