/// Figures of merit of a yes/no answer and of the score behind it.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "evaluate/ranking.h"

namespace crisp {

/// A figure that is not defined; null in JSON.
constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// part / whole; NaN where there is nothing to divide by.
double share(int64_t part, int64_t whole);

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

/// The figures and the curve of one Ranking, for those who want one of them.
double roc_auc(std::span<const uint8_t> truth, std::span<const double> scores);
double average_precision(std::span<const uint8_t> truth, std::span<const double> scores);
std::vector<RocPoint> roc_curve(std::span<const uint8_t> truth, std::span<const double> scores, size_t most = 400);

/// Rows by falling score; equal scores keep their order.
std::vector<size_t> by_falling_score(std::span<const double> scores);

/// One slice of the rows: those with one value of a column.
struct Slice {
  std::string value;
  Confusion counts;
};

/// Rows cut by the text of a column: the `most` largest slices, then one named "(others)".
std::vector<Slice> slice_by(std::span<const std::string> values, std::span<const uint8_t> truth,
                            std::span<const uint8_t> predicted, size_t most = 50);

}  // namespace crisp
