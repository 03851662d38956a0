/// Gradient boosted decision trees by histograms. Parameters have LightGBM's and XGBoost's names and mean what they mean there.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

std::unique_ptr<Learner> make_gbdt();

}  // namespace crisp
