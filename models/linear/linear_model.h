/// A weighted sum of the columns, as it is saved and answers.
#pragma once

#include <memory>
#include <vector>

#include "train/model.h"

namespace crisp {

/// What the sums mean.
enum class Link {
  identity,  ///< the number itself, one sum; of a forecast one a value
  logistic,  ///< of two classes: one sum, the log-odds of the second
  softmax,   ///< of more: one sum a class
};

struct LinearParts {
  Link link = Link::identity;
  int64_t columns = 0;
  std::vector<double> weights;     ///< sums x columns, row-major
  std::vector<double> intercepts;  ///< one a sum

  int64_t sums() const { return static_cast<int64_t>(intercepts.size()); }
  double sum(const float* row, int64_t k) const {
    double total = intercepts[static_cast<size_t>(k)];
    for (int64_t j = 0; j < columns; ++j) total += weights[static_cast<size_t>(k * columns + j)] * static_cast<double>(row[j]);
    return total;
  }
};

std::unique_ptr<Model> make_linear_model(LinearParts parts);
/// Code::data for anything that make_linear_model's save() did not write.
std::unique_ptr<Model> load_linear_model(const Tensors& weights, const Json& about);

}  // namespace crisp
