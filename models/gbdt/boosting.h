/// Gradient boosting: round after round a tree (of several classes one a class) on the gradients that the trees before it left.
#pragma once

#include <span>
#include <vector>

#include "kernels/histogram/boosted_rows.h"
#include "kernels/histogram/gradient.h"
#include "kernels/histogram/grower.h"
#include "models/trees/training_rows.h"
#include "models/trees/tree_model.h"
#include "train/early_stopping.h"
#include "train/model.h"
#include "train/peers.h"

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

/// One boosting: rows in bins, their scores, the trees so far. The same trees wherever exec works, and in any number of processes: each has its
/// share of the training rows in bins, and all validation rows.
class Booster {
 public:
  static constexpr int64_t kLossRows = 65536;

  /// `data` must outlive it. Where it has a stream, the rows are read from there, and only the shape of `data.train.rows` is looked at: they
  /// stay in memory as codes. `peers`: processes with the same data, which make the same calls; null: one process alone. They work on the
  /// CPU, and do not stream.
  Booster(Exec& exec, const FitData& data, const BoostingPlan& plan, Peers* peers = nullptr);

  /// The next round; false where its trees are single leaves, since no rows could be parted.
  bool boost();
  int64_t rounds() const;
  int64_t rows() const { return data_.train.rows.rows; }
  bool validates() const { return data_.validation.rows.rows > 0; }
  /// Of up to kLossRows rows, evenly spaced: what a round would otherwise spend a good part of its time on. The first
  /// process knows it, NaN in the others.
  double train_loss();
  double validation_loss();
  MatrixView<const float> validation_scores() { return validation_.scores_on_host(); }
  MatrixView<const float> train_scores() { return rows_.scores_on_host(); }
  /// Goes on from trees that an equal boosting has grown.
  void restore(const Trees& trees);
  const Trees& trees() const { return trees_; }
  /// The model of the first `rounds` rounds.
  TreeParts parts(int64_t rounds) const;

 private:
  std::vector<int32_t> columns_of_tree(uint64_t number) const;
  bool first() const { return !peers_ || peers_->rank() == 0; }
  void add_again(MatrixView<const float> rows, float* scores) const;
  /// What is left of the targets of the rows in each leaf, and their weights (or none).
  struct LeafRests {
    std::span<const int64_t> places;
    std::span<const float> rest, weights;
  };
  void renew_values(GrownTree& tree);
  void answer_by_rest(GrownTree& tree, const LeafRests& all, double share);
  void add(GrownTree& tree, int64_t output);

  Exec& exec_;
  const FitData& data_;
  BoostingPlan plan_;
  Peers* peers_;
  Share range_;       // of the training rows: this process's
  RowShare share_;
  LabelledRows own_;  // the rows of the range
  std::vector<int32_t> categories_;
  Bins bins_;
  BoostedRows rows_, validation_;
  TreeGrower grower_;
  std::vector<double> base_;
  Trees trees_;
};

}  // namespace crisp
