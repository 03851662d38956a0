/// What trees say of themselves: exact Shapley values, gain and number of splits, rules.
#pragma once

#include "models/trees/tree_model.h"
#include "train/explainable.h"

namespace crisp {

class TreeExplanation : public Explainable {
 public:
  /// `parts` must outlive it.
  explicit TreeExplanation(const TreeParts& parts) : parts_(parts) {}

  int64_t margins() const override { return parts_.sums(); }
  std::string unit() const override;
  void margin(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override;
  void shapley(Exec& exec, MatrixView<const float> rows, std::span<const double> means, MatrixView<double> out) const override;
  std::optional<ColumnSplits> splits() const override;
  std::vector<std::vector<std::string>> rules(const std::vector<RuleColumn>& columns) const override;

 private:
  const TreeParts& parts_;
};

}  // namespace crisp
