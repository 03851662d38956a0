/// What a predicting pipeline is made from.
#pragma once

#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "train/model.h"
#include "train/target_rows.h"

namespace crisp {

struct PredictionPlan {
  Recipe recipe;
  std::vector<std::string> features;  ///< names or patterns, after the recipe; empty: all columns of numbers
  std::vector<std::string> excluded;  ///< never features, besides the target: entities, times, folds
  const Learner* learner = nullptr;
  Params params;
  uint64_t seed = 0;
};

}  // namespace crisp
