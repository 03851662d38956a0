/// Random Cut Forest: anomaly scores from random trees (kernels/anomaly/random_cut_forest.h), with
/// SageMaker's parameters.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_random_cut_forest();

}  // namespace crisp
