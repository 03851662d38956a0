/// A table of row groups to be learned from without being in memory: its target, and which of its rows are learned from, judge, or say
/// when to stop. Rows are numbered over all groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "read/row_groups.h"
#include "train/drawn_split.h"
#include "train/target_rows.h"

namespace crisp {

class StreamedTable {
 public:
  /// `own`: steps in front, which keep each row and look at nothing else. Code::config naming one that does not.
  StreamedTable(RowGroups groups, std::optional<Recipe> own);

  /// Looks at all targets. Code::data naming the row group where one is missing or beyond 32-bit numbers.
  void learn_target(Exec& exec, const TargetPlan& plan);
  /// Draws the rows that are not learned from. See DrawnSplit.
  void draw(Exec& exec, const SplitPlan& plan, bool test);

  /// Rows that are kept in memory, as they are after the steps in front.
  struct Kept {
    TargetRows sample, validation;
    Table test;
  };
  /// Reads all groups once: the rows that are not learned from, and of the others about `sample_rows`, drawn by the seed over all groups
  /// (all of them where there are no more).
  Kept keep(Exec& exec, int64_t sample_rows, uint64_t seed);

  const RowGroups& groups() const { return groups_; }
  const Target& target() const { return target_; }
  const DrawnSplit& split() const { return split_; }
  size_t own_steps() const { return own_ ? own_->stateless_steps() : 0; }
  /// Rows to learn from, of each group and of each class; known after keep().
  const std::vector<int64_t>& train_rows() const { return train_rows_; }
  const std::vector<int64_t>& train_classes() const { return train_classes_; }
  int64_t learned_rows() const;

  /// The group's rows to learn from, as they are after the steps in front.
  TargetRows read(Exec& exec, int64_t group) const;
  /// Their targets alone.
  std::vector<double> targets(Exec& exec, int64_t group) const;

 private:
  Table prepared(Exec& exec, const Table& raw) const;
  /// The column of the target; where steps in front may make it, all of them.
  Table target_column(Exec& exec, int64_t group) const;
  void require_targets(const Table& rows, int64_t group) const;
  size_t class_of(double value) const { return target_.is_classes() ? static_cast<size_t>(value) : 0; }
  RowList rows_of(int64_t group, const std::vector<double>& values, DrawnSplit::Side side) const;

  RowGroups groups_;
  std::optional<Recipe> own_;
  Target target_;
  DrawnSplit split_;
  std::vector<int64_t> rows_of_class_, train_rows_, train_classes_;
};

}  // namespace crisp
