/// What every engine that finds splits makes of the rules before, and of the best candidate after.
#pragma once

#include "kernels/histogram/split.h"
#include "kernels/histogram/split_row.h"

namespace crisp {

/// The rules in quanta of the round, for all columns that are not monotone.
SplitNumbers numbers_of(const SplitRules& rules, RoundScale scale, double lower, double upper);

/// Those of categories in the order of their means.
SplitNumbers smoothed(SplitNumbers numbers, const SplitRules& rules, RoundScale scale);

/// The candidate of the highest score with its gain, and for each code its side; none where it gains too little. sums: the node's.
Split finished_split(Split best, double score, const Sums& sums, const SplitNumbers& numbers, const SplitRules& rules, RoundScale scale);

}  // namespace crisp
