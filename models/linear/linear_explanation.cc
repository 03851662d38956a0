#include "models/linear/linear_explanation.h"

namespace crisp {

std::string LinearExplanation::unit() const {
  switch (parts_.link) {
    case Link::identity: return "";
    case Link::logistic: return "log-odds";
    case Link::softmax: return "logit";
  }
  return "";
}

void LinearExplanation::margin(Exec&, MatrixView<const float> rows, MatrixView<double> out) const {
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int64_t k = 0; k < parts_.sums(); ++k) out.at(row, k) = parts_.sum(rows.row(row), k);
  }
}

void LinearExplanation::shapley(Exec&, MatrixView<const float> rows, std::span<const double> means, MatrixView<double> out) const {
  for (int64_t row = 0; row < rows.rows; ++row) {
    double* value = out.row(row);
    for (int64_t k = 0; k < parts_.sums(); ++k) {
      double expected = parts_.intercepts[static_cast<size_t>(k)];
      for (int64_t j = 0; j < parts_.columns; ++j) {
        const double weight = parts_.weights[static_cast<size_t>(k * parts_.columns + j)], mean = means[static_cast<size_t>(j)];
        *value++ = weight * (static_cast<double>(rows.at(row, j)) - mean);
        expected += weight * mean;
      }
      *value++ = expected;
    }
  }
}

}  // namespace crisp
