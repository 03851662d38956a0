/// What of a table's columns trees must know.
#pragma once

#include <vector>

#include "kernels/histogram/training_rows.h"
#include "train/model.h"

namespace crisp {

/// Categories of each column of the rows; 0: numbers.
std::vector<int32_t> categories_of(const std::vector<FeatureInfo>& features, int64_t columns);

}  // namespace crisp
