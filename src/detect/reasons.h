/// Why a row scored as it did: which features, in which direction, by how much, and what would have been usual.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "train/pipeline.h"

namespace crisp {

struct RowReason {
  size_t feature = 0;  ///< its place among the pipeline's features
  std::string name;
  double high = 0, low = 0;  ///< parts of the score due to the value being high, and low
  double share = 0;          ///< of the whole score, 0 to 1
  double value = 0;          ///< the row's value, before scaling; NaN where it is missing
  double usual = 0;          ///< the median of the training rows: of the row's group where it has one

  /// High or low beside what is usual; where that does not tell, by the larger part of the score. (A part says on which
  /// side of the trees' boxes the value lies, and a box deep in a tree can lie beyond what is usual.)
  bool is_high() const;
};

/// The `most` weightiest reasons of the given rows of `scored`, the weightiest first, each feature at most once.
std::vector<std::vector<RowReason>> explain_rows(Exec& exec, const Pipeline& pipeline, const Scored& scored,
                                                 std::span<const int64_t> rows, size_t most = SIZE_MAX);

/// "speed_max high: 582 (usual 12.3), 41 %; distance_max high: ..." with at most `most` features.
std::string reasons_text(const std::vector<RowReason>& reasons, size_t most = 3);

}  // namespace crisp
