#include "models/linear/logistic.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/error.h"
#include "models/linear/minimise.h"

namespace crisp {
namespace {

using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Of the whole loss: one number and the gradient of one piece of rows.
struct PieceLoss {
  double value = 0;
  RowMajor weights;     // sums x columns
  VectorXd intercepts;  // one a sum
};

/// The mean loss of the rows under weights and intercepts that lie one after the other in a vector.
class LogisticLoss {
 public:
  LogisticLoss(Exec& exec, const FitData& data, const LogisticPlan& plan)
      : exec_(exec), rows_(data.train), plan_(plan), classes_(data.classes), sums_(data.classes == 2 ? 1 : data.classes) {
    const double each = plan.balanced ? 0 : 1;
    class_weights_.assign(static_cast<size_t>(classes_), each);
    if (plan.balanced) balance();
    for (int64_t i = 0; i < rows_.rows.rows; ++i) total_ += weight(i);
    CRISP_REQUIRE(total_ > 0, Code::data, "the weights of all rows are 0");
    // Gradients of many weights are few at a time: 16 pieces of them, else 64.
    const int64_t pieces = sums_ * columns() > 100'000 ? 16 : 64;
    piece_ = std::max<int64_t>(1024, (rows_.rows.rows + pieces - 1) / pieces);
  }

  int64_t columns() const { return rows_.rows.columns; }
  int64_t sums() const { return sums_; }
  int64_t variables() const { return sums_ * (columns() + 1); }

  double operator()(const VectorXd& at, VectorXd& gradient) const {
    const int64_t pieces = (rows_.rows.rows + piece_ - 1) / piece_;
    std::vector<PieceLoss> parts(static_cast<size_t>(pieces));
    exec_.threads().run(pieces, [&](int64_t k) {
      parts[static_cast<size_t>(k)] = piece_loss(at, k * piece_, std::min(rows_.rows.rows, (k + 1) * piece_));
    });
    gradient.setZero(variables());
    double value = 0;
    for (const PieceLoss& part : parts) {
      value += part.value;
      weights_of(gradient) += part.weights;
      gradient.tail(sums_) += part.intercepts;
    }
    return finish(at, value / total_, gradient);
  }

 private:
  Eigen::Map<RowMajor> weights_of(VectorXd& at) const { return {at.data(), sums_, columns()}; }
  Eigen::Map<const RowMajor> weights_of(const VectorXd& at) const { return {at.data(), sums_, columns()}; }

  int64_t class_of(int64_t row) const { return static_cast<int64_t>(rows_.target[static_cast<size_t>(row)]); }
  double given_weight(int64_t row) const {
    return rows_.weights.empty() ? 1.0 : static_cast<double>(rows_.weights[static_cast<size_t>(row)]);
  }
  double weight(int64_t row) const { return given_weight(row) * class_weights_[static_cast<size_t>(class_of(row))]; }

  /// Each class weighs as its rows would if all had as many.
  void balance() {
    std::vector<double> of_class(class_weights_.size());
    double all = 0;
    for (int64_t i = 0; i < rows_.rows.rows; ++i) {
      of_class[static_cast<size_t>(class_of(i))] += given_weight(i);
      all += given_weight(i);
    }
    for (size_t c = 0; c < of_class.size(); ++c) {
      class_weights_[c] = of_class[c] > 0 ? all / (static_cast<double>(of_class.size()) * of_class[c]) : 0;
    }
  }

  /// The penalty, and the intercepts held at 0 where there are none.
  double finish(const VectorXd& at, double value, VectorXd& gradient) const {
    gradient /= total_;
    if (!plan_.intercept) gradient.tail(sums_).setZero();
    if (std::isinf(plan_.strength)) return value;
    const double penalty = 1 / (plan_.strength * total_);
    weights_of(gradient) += penalty * weights_of(at);
    return value + penalty / 2 * weights_of(at).squaredNorm();
  }

  PieceLoss piece_loss(const VectorXd& at, int64_t begin, int64_t end) const {
    constexpr int64_t kBlock = 256;  // rows in double at a time: they stay in the cache
    PieceLoss loss{0, RowMajor::Zero(sums_, columns()), VectorXd::Zero(sums_)};
    RowMajor block, sums;
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t count = std::min(kBlock, end - first);
      block.resize(count, columns());
      for (int64_t i = 0; i < count; ++i) {
        block.row(i) = Eigen::Map<const Eigen::RowVectorXf>(rows_.rows.row(first + i), columns()).cast<double>();
      }
      sums.noalias() = block * weights_of(at).transpose();
      sums.rowwise() += at.tail(sums_).transpose();
      for (int64_t i = 0; i < count; ++i) loss.value += row_loss(sums.row(i).data(), first + i);
      loss.weights.noalias() += sums.transpose() * block;
      loss.intercepts += sums.colwise().sum().transpose();
    }
    return loss;
  }

  /// The weighted loss of a row; its sums become their weighted derivatives.
  double row_loss(double* sums, int64_t row) const {
    const int64_t truth = class_of(row);
    const double w = weight(row);
    if (sums_ == 1) {
      const double margin = truth == 1 ? sums[0] : -sums[0];
      const double small = std::exp(-std::fabs(margin));
      const double wrong = margin > 0 ? small / (1 + small) : 1 / (1 + small);  // the probability of the other class
      sums[0] = w * (truth == 1 ? -wrong : wrong);
      return w * (std::log1p(small) + (margin > 0 ? 0 : -margin));
    }
    const double largest = *std::max_element(sums, sums + sums_), of_truth = sums[truth];
    double total = 0;
    for (int64_t k = 0; k < sums_; ++k) total += sums[k] = std::exp(sums[k] - largest);
    for (int64_t k = 0; k < sums_; ++k) sums[k] *= w / total;
    sums[truth] -= w;
    return w * (std::log(total) + largest - of_truth);
  }

  Exec& exec_;
  const LabelledRows& rows_;
  const LogisticPlan& plan_;
  int64_t classes_, sums_, piece_ = 0;
  std::vector<double> class_weights_;
  double total_ = 0;
};

}  // namespace

LogisticFit fit_logistic(Exec& exec, const FitData& data, const LogisticPlan& plan) {
  CRISP_ASSERT(data.classes >= 2 && data.train.rows.rows > 0);
  const LogisticLoss loss(exec, data, plan);
  const Minimum minimum = minimise([&](const VectorXd& at, VectorXd& gradient) { return loss(at, gradient); },
                                   VectorXd::Zero(loss.variables()), plan.tolerance, plan.most_steps);
  LogisticFit fit;
  fit.steps = minimum.steps;
  fit.converged = minimum.converged;
  fit.parts.link = data.classes == 2 ? Link::logistic : Link::softmax;
  fit.parts.columns = loss.columns();
  const double* const values = minimum.at.data();
  fit.parts.weights.assign(values, values + loss.sums() * loss.columns());
  fit.parts.intercepts.assign(values + loss.sums() * loss.columns(), values + loss.variables());
  return fit;
}

}  // namespace crisp
