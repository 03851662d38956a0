/// Splits of a column of categories.
#pragma once

#include "kernels/histogram/column_cells.h"
#include "kernels/histogram/split.h"
#include "kernels/histogram/split_row.h"

namespace crisp {

/// Takes the column's best split over where its score is larger than `score`.
void improve_by_categories(const ColumnCells& cells, const Sums& total, const SplitRules& rules, const SplitNumbers& numbers,
                           RoundScale scale, int32_t column, Split& split, double& score);

}  // namespace crisp
