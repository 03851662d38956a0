/// Percentile intervals by the bootstrap (Efron 1979): how far would a figure move with other rows of the
/// same kind?
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "evaluate/metrics.h"
#include "evaluate/row_counts.h"

namespace crisp {

struct BootstrapPlan {
  int resamples = 200;  ///< 0: no intervals
  double level = 0.95;
  int64_t most_rows = 65'536;  ///< resampled; of a larger table a sample of as many stands for it
  uint64_t seed = 0;
};

/// NaN where there is none.
struct Interval {
  double low = kUndefined, high = kUndefined;
};

/// The rows that are resampled: all, or one at random out of each of `most_rows` equal stretches of the
/// table.
std::vector<int64_t> bootstrap_rows(int64_t rows, const BootstrapPlan& plan);

/// Figures of rows that count as often as a resample says; called from several threads at once.
using ResampleFigures = std::function<std::vector<double>(RowCounts)>;

/// One interval a figure: the quantiles of the figure over resamples (as many rows as there are, drawn with
/// replacement). `figures` speaks of the `sampled` rows of bootstrap_rows(); `whole` are the figures of all
/// `rows`. Where fewer rows are sampled than there are, what the resamples say about the sample's figure is
/// narrowed by sqrt(sampled / rows), the rate at which intervals shrink, and set about the whole table's
/// figure. The cost is thus bounded: `resamples` times the figures of at most most_rows rows. Resamples for
/// which a figure is not defined do not count; with fewer than half of them left, with under two rows, and
/// where the whole table's figure is not defined there is no interval. The same for every number of threads.
std::vector<Interval> bootstrap_intervals(Exec& exec, const BootstrapPlan& plan, int64_t sampled,
                                          int64_t rows, std::span<const double> whole,
                                          const ResampleFigures& figures);

}  // namespace crisp
