/// What predicts without looking at the columns: the mean, the median, the usual class. Every model has to beat it.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_dummy();

}  // namespace crisp
