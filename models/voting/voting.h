/// Several predicting models at once: the mean of their answers, or the class that most of them choose.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

/// `models`: those that it may be made of.
std::unique_ptr<Learner> make_voting(Registry models);

}  // namespace crisp
