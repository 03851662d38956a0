/// One tree by purity (Breiman et al. 1984, CART). Parameters have scikit-learn's names and mean what they mean there.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_decision_tree();

}  // namespace crisp
