/// How well predicted numbers agree with the truth. Names and conventions are scikit-learn's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluate/metrics.h"
#include "evaluate/row_counts.h"

namespace crisp {

struct NumberPredictions {
  std::span<const double> truth;
  std::span<const double> predicted;
};

/// Code::data with the row where there are no rows, or a number is not finite.
void require_number_predictions(const NumberPredictions& predictions);

/// In the target's units unless said otherwise.
struct RegressionFigures {
  double mae = kUndefined;
  double rmse = kUndefined;
  double r2 = kUndefined;  ///< share of the truth's variance explained; NaN where all truths are equal
  double mape =
      kUndefined;  ///< mean |error| / max(|truth|, 2^-52), a share: 0.1 is 10 %. A truth of 0 makes it huge.
  double median_absolute_error = kUndefined;
  double max_error = kUndefined;
  double mean_error = kUndefined;  ///< of predicted - truth: above 0, the model says too much
};

/// Everything of the rows that no resample changes, so that the figures of one cost a few passes.
class PreparedRegression {
 public:
  explicit PreparedRegression(const NumberPredictions& predictions);
  RegressionFigures figures(RowCounts counts = {}) const;
  int64_t zero_truths() const { return zero_truths_; }

 private:
  struct Row {
    double error, share_off;  // predicted - truth, and |error| by |truth|
    double truth;             // less the mean: squares of what is left lose no digits
  };
  double median_absolute_error(RowCounts counts, int64_t rows) const;

  std::vector<Row> rows_;
  std::vector<uint32_t> by_error_;  // rows by rising |error|
  int64_t zero_truths_ = 0;
};

}  // namespace crisp
