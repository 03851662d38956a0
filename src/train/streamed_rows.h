/// The rows of a streamed table as a model learns from them.
#pragma once

#include <string>
#include <vector>

#include "train/row_stream.h"
#include "train/streamed_table.h"

namespace crisp {

class StreamedTableRows : public RowStream {
 public:
  /// `table` and `recipe`, whose first steps are those in front of the table, must outlive it. `missing`: whether values may be.
  StreamedTableRows(const StreamedTable& table, const FittedRecipe& recipe, std::vector<std::string> features, bool missing,
                    int64_t window_rows, int threads);

  std::span<const int64_t> groups() const override { return table_.train_rows(); }
  std::span<const int64_t> classes() const override { return table_.train_classes(); }
  int64_t window_rows() const override { return window_rows_; }
  int64_t columns() const override { return static_cast<int64_t>(features_.size()); }
  Json identity() const override;
  StreamedRows read(int64_t group) const override;
  std::vector<float> targets(int64_t group) const override;

  /// Prepares every group once: what cannot be learned from is found now (Code::data naming the group), not in the middle of a
  /// training. Notes how many rows have values of a category that were not among the rows that the recipe was fitted on.
  std::vector<std::string> check() const;

 private:
  StreamedRows prepare(int64_t group, StepLog& log) const;

  const StreamedTable& table_;
  const FittedRecipe& recipe_;
  std::vector<std::string> features_;
  bool missing_;
  int64_t window_rows_;
  mutable Exec exec_;  ///< of the thread that reads, beside that of the training
};

}  // namespace crisp
