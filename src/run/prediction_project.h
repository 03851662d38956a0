/// A table, a target, and how both become a model and its judgement: what is behind `crisp train --target`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "read/read.h"
#include "train/prediction_plan.h"
#include "train/split.h"

namespace crisp {

/// What predicts a target where no model is named.
inline constexpr const char* kUsualPredictor = "linear";

enum class Refit { none, all };

struct PredictionProject {
  std::string name;
  ReadRequest data;
  std::string test_path, validation_path;  ///< tables of their own; empty: split off `data`
  TargetPlan target;
  SplitPlan split;
  int folds = 0;              ///< >= 2: judged by cross-validation, then fitted on all rows
  Refit refit = Refit::none;  ///< all: fitted once more on all rows of `data` and of the validation, after it was judged
  const Learner* learner = nullptr;
  Params params;
  std::vector<std::string> features;  ///< names or patterns; empty: what fits the model
  std::optional<Recipe> recipe;       ///< absent: made from the training rows, see prediction_recipe.h
  std::vector<std::string> slices;
  uint64_t seed = 0;

  /// Columns that are never learned from: the split's, unless `features` name them.
  std::vector<std::string> excluded() const;
};

}  // namespace crisp
