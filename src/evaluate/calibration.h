/// Do probabilities mean what they say? Rows in bins by probability: the mean said beside the share that came
/// true.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluate/row_counts.h"

namespace crisp {

enum class BinRule {
  uniform,   ///< equally wide
  quantile,  ///< of about equally many rows
};

struct CalibrationBin {
  double predicted = 0;  ///< mean probability
  double actual = 0;     ///< share that came true
  int64_t rows = 0;
};

/// Rows that know their bin, so that each figure costs one pass.
class Calibration {
 public:
  /// `said` in [0, 1]; `true_rows` other than 0 came true. A value on an edge belongs to the lower bin, as in
  /// scikit-learn's calibration_curve. At most 255 bins.
  Calibration(std::span<const double> said, std::span<const uint8_t> true_rows, int bins,
              BinRule rule = BinRule::uniform);

  /// Bins with at least one row, ascending.
  std::vector<CalibrationBin> bins(RowCounts counts = {}) const;
  /// Expected calibration error (Naeini et al. 2015): mean |said - true| of the bins, by their rows.
  double expected_error(RowCounts counts = {}) const;

 private:
  struct Row {
    double said;
    uint8_t bin, came_true;
  };
  std::vector<Row> rows_;
  size_t bins_;
};

}  // namespace crisp
