#include "models/trees/tree_explanation.h"

#include <algorithm>

#include "kernels/forest/shap.h"
#include "kernels/forest/traverse.h"
#include "models/trees/rules.h"

namespace crisp {

std::string TreeExplanation::unit() const {
  switch (parts_.link) {
    case TreeLink::identity: return parts_.sums() > 1 ? "probability" : "";
    case TreeLink::logistic: return "log-odds";
    case TreeLink::softmax: return "logit";
    case TreeLink::exponential: return "logarithm";
    case TreeLink::sigmoid: return "log-odds";
    case TreeLink::one_against_rest: return "log-odds against the rest";
    case TreeLink::signed_square: return "signed root";
  }
  return "";
}

void TreeExplanation::margin(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const {
  Forest(exec, parts_.trees.view()).sum(exec, rows, out);
  for (int64_t row = 0; row < out.rows; ++row) {
    for (int64_t k = 0; k < out.columns; ++k) out.at(row, k) = parts_.margin(k, out.at(row, k));
  }
}

void TreeExplanation::shapley(Exec& exec, MatrixView<const float> rows, std::span<const double>, MatrixView<double> out) const {
  tree_shap(exec, parts_.trees.view(), rows, out);
  const int64_t columns = parts_.trees.columns;
  for (int64_t row = 0; row < out.rows; ++row) {
    double* values = out.row(row);
    for (int64_t k = 0; k < parts_.sums(); ++k, values += columns + 1) {
      for (int64_t j = 0; j < columns; ++j) values[j] *= parts_.scale;
      values[columns] = parts_.margin(k, values[columns]);
    }
  }
}

std::optional<ColumnSplits> TreeExplanation::splits() const {
  const Trees& trees = parts_.trees;
  const auto columns = static_cast<size_t>(trees.columns);
  ColumnSplits splits{std::vector<double>(columns), std::vector<int64_t>(columns)};
  for (size_t node = 0; node < trees.feature.size(); ++node) {
    if (trees.feature[node] < 0) continue;
    const auto column = static_cast<size_t>(trees.feature[node]);
    splits.gain[column] += static_cast<double>(trees.gain[node]);
    ++splits.count[column];
  }
  // Files of other libraries may hold no gains.
  if (std::all_of(splits.gain.begin(), splits.gain.end(), [](double gain) { return gain == 0; })) splits.gain.clear();
  return splits;
}

std::vector<std::vector<std::string>> TreeExplanation::rules(const std::vector<RuleColumn>& columns) const {
  const TreesView trees = parts_.trees.view();
  if ((trees.nodes() + trees.trees()) / 2 > kMostRules) return {};  // its leaves
  std::vector<std::vector<std::string>> rules;
  for (int64_t tree = 0; tree < trees.trees(); ++tree) rules.push_back(tree_rules(parts_, tree, columns));
  return rules;
}

}  // namespace crisp
