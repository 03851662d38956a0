/// Random forests (Breiman 2001). Parameters have scikit-learn's names and mean what they mean there.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_random_forest();

}  // namespace crisp
