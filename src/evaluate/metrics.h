/// Figures of merit of a yes/no answer and of the score behind it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

/// Counts of a binary decision; "positive" is the thing looked for (an anomaly, another driver).
struct Confusion {
  int64_t true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;

  int64_t positives() const { return true_positive + false_negative; }
  int64_t negatives() const { return true_negative + false_positive; }
  int64_t rows() const { return positives() + negatives(); }
  /// Shares in [0, 1]; NaN where there is nothing to divide by.
  double accuracy() const;
  double recall() const;       ///< true positive rate
  double specificity() const;  ///< true negative rate
  double precision() const;
  double f1() const;
  double balanced_accuracy() const;  ///< mean of recall and specificity
  /// Accuracy of always answering "negative".
  double always_negative_accuracy() const;
  Json to_json() const;
};

Confusion confusion(std::span<const uint8_t> truth, std::span<const uint8_t> predicted);

/// Area under the ROC curve with ties counted half (the Mann-Whitney statistic); NaN where a class is absent.
double roc_auc(std::span<const uint8_t> truth, std::span<const double> scores);

/// Average precision: sum over thresholds of (recall step) * precision, as scikit-learn defines it; NaN without positives.
double average_precision(std::span<const uint8_t> truth, std::span<const double> scores);

/// Rows by falling score; equal scores keep their order.
std::vector<size_t> by_falling_score(std::span<const double> scores);

struct RocPoint {
  double false_positive_rate, true_positive_rate;
};
/// The ROC curve from (0, 0) to (1, 1): one point per distinct score, at most `most` of them.
std::vector<RocPoint> roc_curve(std::span<const uint8_t> truth, std::span<const double> scores, size_t most = 400);

/// One slice of the rows: those with one value of a column.
struct Slice {
  std::string value;
  Confusion counts;
};

/// Rows cut by the text of a column: the `most` largest slices, then one named "(others)".
std::vector<Slice> slice_by(std::span<const std::string> values, std::span<const uint8_t> truth,
                            std::span<const uint8_t> predicted, size_t most = 50);

/// A JSON number, or null where the figure is not defined.
Json number_or_null(double value);

}  // namespace crisp
