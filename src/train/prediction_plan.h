/// What a predicting pipeline is made from.
#pragma once

#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "train/model.h"
#include "train/target.h"

namespace crisp {

struct PredictionPlan {
  Recipe recipe;
  std::vector<std::string> features;  ///< names or patterns, after the recipe; empty: all columns of numbers
  std::vector<std::string> excluded;  ///< never features, besides the target: entities, times, folds
  const Learner* learner = nullptr;
  Params params;
  uint64_t seed = 0;
};

/// Rows that have gone through the recipe's stateless steps, each with the value of its target.
struct TargetRows {
  Table rows;
  std::vector<double> target;  ///< one a row, none missing: the number, or the class's index
};

}  // namespace crisp
