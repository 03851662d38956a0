/// Scores of training rows by recipes and models that have not seen them. A model is too sure of rows that it has seen, and
/// a scale that a row helped to set makes it look more usual than it is.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "train/pipeline_plan.h"

namespace crisp {

/// Rows are dealt to folds by turns within their group; each fold is prepared and answered by a recipe and a ModelSet that
/// were fitted on the others.
class CrossFit {
 public:
  CrossFit() = default;
  /// `plan.folds` >= 2; `train` has gone through the recipe's stateless steps; `groups` may be empty.
  CrossFit(Exec& exec, const PipelinePlan& plan, const std::vector<std::string>& features, const Table& train,
           const std::vector<std::string>& groups);

  bool empty() const { return sets_.empty(); }
  /// Each training row as the recipe of its fold prepared it.
  const Matrix& features() const { return features_; }
  /// One score a training row.
  std::vector<double> score(Exec& exec) const;
  /// Parts of the scores of the training rows at `places`, see ModelSet::attribute.
  std::vector<double> attribute(Exec& exec, std::span<const int64_t> places) const;

 private:
  /// Those of `places` that are in `fold`, as indices into `places`.
  std::vector<int64_t> members(size_t fold, std::span<const int64_t> places) const;

  std::vector<ModelSet> sets_;  // one a fold: fitted without it
  std::vector<int> fold_of_;    // per row
  std::vector<std::string> groups_;
  Matrix features_;
};

}  // namespace crisp
