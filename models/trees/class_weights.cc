#include "models/trees/class_weights.h"

namespace crisp {

std::vector<float> balanced_weights(const LabelledRows& rows, int64_t classes) {
  std::vector<double> of_class(static_cast<size_t>(classes));
  double all = 0;
  const auto weight = [&](size_t i) { return rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[i]); };
  for (size_t i = 0; i < rows.target.size(); ++i) {
    of_class[static_cast<size_t>(rows.target[i])] += weight(i);
    all += weight(i);
  }
  std::vector<float> weights;
  for (size_t i = 0; i < rows.target.size(); ++i) {
    weights.push_back(static_cast<float>(weight(i) * all / (static_cast<double>(classes) * of_class[static_cast<size_t>(rows.target[i])])));
  }
  return weights;
}

}  // namespace crisp
