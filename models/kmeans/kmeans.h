/// k-means as a detector: how far a row lies from the nearest centre of the training rows' clusters.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_kmeans();

}  // namespace crisp
