/// Isolation Forest (Liu, Ting and Zhou, "Isolation forest", ICDM 2008). Parameters have scikit-learn's names and mean what they mean there.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_isolation_forest();

}  // namespace crisp
