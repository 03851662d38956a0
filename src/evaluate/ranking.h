/// Scores sorted once against a yes/no truth: every figure and curve that depends on their order alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/row_counts.h"

namespace crisp {

struct RocPoint {
  double false_positive_rate, true_positive_rate;
};

struct PrecisionRecallPoint {
  double recall, precision;
  double cutoff;  ///< the least score that is taken for a positive
};

struct RankFigures {
  double roc_auc;            ///< ties counted half (the Mann-Whitney statistic); NaN where a class is absent
  double average_precision;  ///< sum of (recall step) * precision, as scikit-learn defines it; NaN without
                             ///< positives
};

/// Sorting costs O(n log n) once; each figure afterwards one pass, whatever the counts: a bootstrap sorts
/// nothing.
class Ranking {
 public:
  /// Finite scores, one a row; truth other than 0 is a positive. Below 2^32 rows.
  Ranking(std::span<const uint8_t> truth, std::span<const double> scores);

  RankFigures figures(RowCounts counts = {}) const;

  /// From (0, 0) to (1, 1), one point per distinct score, thinned to at most about `most`; only (0, 0) where
  /// a class is absent.
  std::vector<RocPoint> roc_curve(size_t most = 400) const;
  /// From (0, 1) at an infinite cutoff on by rising recall, thinned likewise; only that without positives.
  std::vector<PrecisionRecallPoint> precision_recall_curve(size_t most = 400) const;

 private:
  struct Place {
    uint32_t row;
    bool positive;
    bool last_of_ties;  // a threshold can only stand after it
  };
  template <class Step>
  void walk(RowCounts counts, Step step) const;

  std::vector<Place> places_;  // by falling score
  std::vector<double> scores_;
  int64_t positives_ = 0;
};

}  // namespace crisp
