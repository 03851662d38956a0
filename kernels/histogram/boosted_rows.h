/// Rows that trees are boosted on, where an Exec works: codes, targets, weights and scores stay there from round to round.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/resident.h"
#include "kernels/histogram/gradient.h"
#include "kernels/histogram/grower.h"
#include "kernels/histogram/row_share.h"
#include "kernels/histogram/training_rows.h"

namespace crisp {

class BoostedRows {
 public:
  /// rows: with columns, to grow trees on, or without, to walk down trees. target and weights (empty, or one a row) lie on the host and must
  /// outlive it; a GPU gets copies. `share`: where other processes have other rows; draws go by a row's number among all.
  BoostedRows(Exec& exec, TrainingRows rows, std::span<const float> target, std::span<const float> weights, int64_t outputs,
              const RowShare& share = {});

  int64_t rows() const { return count_; }
  const BinnedRows& binned() const { return rows_.binned(); }

  /// Every row's scores become these, one an output; rounded to float.
  void fill_scores(std::span<const double> base);
  /// scores: n x outputs, on the host.
  void set_scores(MatrixView<const float> scores);
  /// As they are now; a copy where they lie on a GPU, until the next call.
  MatrixView<const float> scores_on_host();
  /// Those of every stride-th row of all, as far as they are here: rows x outputs; on the host.
  std::vector<float> some_scores(int64_t stride);

  /// Of a round with several outputs: derivatives are taken of the shares that the scores have now.
  void begin_round();
  /// The words of all rows for a tree; gives their quanta.
  RoundScale write_words(const ObjectivePlan& plan, int64_t output, uint32_t key);
  /// The rows that a tree is grown on, ascending, for TreeGrower::grow(): all, or `share` of them by the draws (seed, stream, row).
  ArrayView<uint32_t> choose_rows(double share, uint64_t seed, uint64_t stream);
  /// As grow() left them; a copy where they lie on a GPU.
  std::vector<uint32_t> chosen_on_host() const;

  /// Adds the tree's values: to every row, by its leaf in the chosen rows where they are all of them.
  void add(const GrownTree& tree, int64_t output);

 private:
  MatrixView<float> matrix(const Resident<float>& values) const { return {values.data(), count_, outputs_, outputs_}; }
  GradientRows gradient_rows() const;

  Exec& exec_;
  RowShare share_;
  int64_t count_, outputs_;
  TrainingRows rows_;
  std::span<const float> target_, weights_;
  Resident<float> resident_target_, resident_weights_;  // on a GPU
  Resident<float> scores_, shares_;
  std::vector<float> scores_on_host_;
  Resident<uint32_t> index_, all_rows_;                 // all_rows_: on a GPU
  int64_t chosen_ = 0;
};

}  // namespace crisp
