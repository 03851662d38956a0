/// Statistics of every segment (a trip, a group) of a column whose values are sorted by segment.
#pragma once

#include <span>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

enum class SegmentStatistic {
  count,  ///< values that are there
  sum,    ///< 0 for an empty segment
  mean,
  deviation,  ///< sample standard deviation (n - 1)
  variance,   ///< sample variance (n - 1)
  low,
  high,         ///< the extremes
  percentile,   ///< parameter: percent in [0, 100]; linear interpolation (Hyndman and Fan type 7, numpy's
                ///< default)
  count_above,  ///< values strictly above the parameter
  count_below,  ///< values strictly below it
};

struct SegmentRequest {
  SegmentStatistic statistic;
  double parameter = 0.0;
};

/// out(s, k) = requests[k] of values[offsets[s]] .. values[offsets[s + 1] - 1].
/// NaN is a missing value and skipped. Where a segment has too few values (none; one for deviation and
/// variance) the answer is NaN, but count, sum, count_above and count_below are 0. `offsets` ascends from 0
/// to values.size; `out` is segments x requests. Reads each value once or twice from cache; percentiles sort
/// a copy of the segment. Engines agree within 1e-12 relative (sums associate differently); counts, extremes
/// and percentiles are equal bit for bit.
void segment_statistics(Exec& exec, ArrayView<const double> values, ArrayView<const int64_t> offsets,
                        std::span<const SegmentRequest> requests, MatrixView<double> out);

}  // namespace crisp
