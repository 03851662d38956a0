/// What a weighted sum says of itself: the Shapley value of a column is its weight times its distance from the mean.
#pragma once

#include "models/linear/linear_model.h"
#include "train/explainable.h"

namespace crisp {

class LinearExplanation : public Explainable {
 public:
  /// `parts` must outlive it.
  explicit LinearExplanation(const LinearParts& parts) : parts_(parts) {}

  int64_t margins() const override { return parts_.sums(); }
  std::string unit() const override;
  void margin(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override;
  void shapley(Exec& exec, MatrixView<const float> rows, std::span<const double> means, MatrixView<double> out) const override;

 private:
  const LinearParts& parts_;
};

}  // namespace crisp
