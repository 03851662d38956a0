/// Extremely randomised trees (Geurts, Ernst and Wehenkel 2006): thresholds are drawn evenly from the bins that a node's rows span.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_extra_trees();

}  // namespace crisp
