/// Where the pieces of a number's piecewise-linear encoding lie.
#pragma once

#include <vector>

#include "cuda/view.h"

namespace crisp {

/// Ascending edges, up to `pieces` + 1 of them: the column's smallest value, its quantiles, its largest. Fewer where values repeat;
/// one edge or none for a column without two values. Gorishniy et al. 2022, section 3.1.
std::vector<float> piece_edges(MatrixView<const float> rows, int64_t column, int64_t pieces);

}  // namespace crisp
