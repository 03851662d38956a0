/// Row weights by which classes count alike.
#pragma once

#include <vector>

#include "train/model.h"

namespace crisp {

/// scikit-learn's "balanced", times the weights that are there. rows.target: classes.
std::vector<float> balanced_weights(const LabelledRows& rows, int64_t classes);

}  // namespace crisp
