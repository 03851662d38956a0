/// Gradient boosting: round after round a tree (of several classes one a class) on the gradients that the trees before it left.
#pragma once

#include <vector>

#include "kernels/histogram/gradient.h"
#include "kernels/histogram/grower.h"
#include "models/trees/training_rows.h"
#include "models/trees/tree_model.h"
#include "train/early_stopping.h"
#include "train/model.h"

namespace crisp {

struct BoostingPlan {
  ObjectivePlan objective;
  GrowthPlan growth;
  EarlyStoppingPlan stopping;
  int64_t rounds = 100;
  double learning_rate = 0.1;
  double rows_share = 1;           ///< of a round
  double columns_share = 1;        ///< of a tree
  int most_bins = kMostBins;
  bool restore_best = true;
  uint64_t seed = 0;

  int64_t outputs() const { return objective.objective == Objective::softmax ? objective.classes : 1; }
};

/// Rows' numbers side by side, without padding: of one output a row would otherwise fill a line of the cache.
class Scores {
 public:
  Scores() = default;
  Scores(int64_t rows, int64_t columns) : values_(static_cast<size_t>(rows * columns)), rows_(rows), columns_(columns) {}
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  MatrixView<float> view() { return {values_.data(), rows_, columns_, columns_}; }
  MatrixView<const float> view() const { return {values_.data(), rows_, columns_, columns_}; }

 private:
  std::vector<float> values_;
  int64_t rows_ = 0, columns_ = 0;
};

/// One boosting: rows in bins, their scores, the trees so far.
class Booster {
 public:
  static constexpr int64_t kLossRows = 65536;

  /// `data` must outlive it.
  Booster(Exec& exec, const FitData& data, const BoostingPlan& plan);

  /// The next round; false where no tree could part its rows any more, which changes nothing.
  bool boost();
  int64_t rounds() const;
  int64_t rows() const { return data_.train.rows.rows; }
  bool validates() const { return data_.validation.rows.rows > 0; }
  /// Of up to kLossRows rows, evenly spaced: what a round would otherwise spend a good part of its time on.
  double train_loss() const;
  double validation_loss();
  MatrixView<const float> validation_scores() const { return validation_scores_.view(); }
  /// Goes on from trees that an equal boosting has grown.
  void restore(const Trees& trees);
  const Trees& trees() const { return trees_; }
  /// The model of the first `rounds` rounds.
  TreeParts parts(int64_t rounds) const;

 private:
  GradientRows gradient_rows(MatrixView<const float> scores) const;
  ArrayView<uint32_t> sample_rows();
  std::vector<int32_t> sample_columns(uint64_t stream) const;
  void renew_values(GrownTree& tree) const;
  void add(GrownTree& tree, int64_t output);

  Exec& exec_;
  const FitData& data_;
  BoostingPlan plan_;
  std::vector<int32_t> categories_;
  Bins bins_;
  TrainingRows rows_;
  TrainingRows validation_;
  TreeGrower grower_;
  std::vector<double> base_;
  Scores scores_, validation_scores_, shares_;
  std::vector<uint32_t> index_;
  Trees trees_;
};

}  // namespace crisp
