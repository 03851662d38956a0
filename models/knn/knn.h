/// k nearest neighbours: rows are answered as the training rows nearest to them were.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_knn();

}  // namespace crisp
