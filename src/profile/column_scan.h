/// One column of a profile while its values pass by, several times over.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "kernels/statistics/column_statistics_row.h"
#include "kernels/statistics/percentiles.h"
#include "profile/profile.h"
#include "profile/value_counts.h"

namespace arrow {
class ChunkedArray;
}

namespace crisp {

/// Passes: the first counts, sums and looks at the values; further ones find the quantiles; the last one fills the
/// histogram, whose bins the quantiles decide.
///
///   for (;;) { add() every batch; if (!end_pass(exec)) break; }
class ColumnScan {
 public:
  explicit ColumnScan(ColumnProfile& out);

  /// False where the column has seen all that it needs.
  bool wants_more() const { return stage_ != Stage::done; }
  void add(Exec& exec, const arrow::ChunkedArray& cells);
  void end_pass();

 private:
  enum class Stage { first, quantiles, histogram, done };

  void count_cells(const arrow::ChunkedArray& cells);
  void gather_finite(const arrow::ChunkedArray& cells);
  void finish_first();
  void finish_quantiles();
  void begin_histogram();
  void fill_frequent();
  std::string text_of(const ValueCounts::Counted& value) const;

  ColumnProfile& out_;
  Stage stage_ = Stage::first;
  std::vector<double> finite_;  // of this batch: timestamps in seconds, booleans 0 and 1
  ColumnStatistics moments_;
  ValueCounts values_;
  PercentileSearch<double> search_;
  int64_t negative_infinite_ = 0;
};

}  // namespace crisp
