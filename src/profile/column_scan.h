/// What the sorted values of one column tell: how many differ, which are frequent, where the quantiles lie.
#pragma once

#include <vector>

#include "profile/profile.h"

namespace crisp {

/// The finite values of an integer, real, timestamp (seconds) or boolean (0, 1) column, in row order; counts
/// the present, missing and infinite ones in `out`.
std::vector<double> finite_values(const Table& table, int column, ColumnProfile& out);

/// Fills distinct, imbalance, frequent, zeros and quantiles of `out`. `finite`: what finite_values() gave,
/// used up for reals; integers are read again, because a double holds them only to 2^53.
void scan_column(const Table& table, int column, std::vector<double>& finite, ColumnProfile& out);

}  // namespace crisp
