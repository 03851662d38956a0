/// What a predicting pipeline is made from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "train/model.h"
#include "train/streamed_table.h"
#include "train/target_rows.h"
#include "train/training_start.h"
#include "train/windows.h"

namespace crisp {

struct PredictionPlan {
  Recipe recipe;
  std::vector<std::string> features;  ///< names or patterns, after the recipe; empty: all columns of numbers
  std::vector<std::string> excluded;  ///< never features, besides the target (a forecast reads its past): entities, times, folds
  const Learner* learner = nullptr;
  Params params;
  uint64_t seed = 0;
  std::optional<FittedRecipe> fitted;  ///< taken as it is instead of fitting `recipe`
  std::shared_ptr<const TrainingStart> start;
  ForecastPlan forecast = {};          ///< of a forecast
  const StreamedTable* stream = nullptr;  ///< where it has the rows to learn from: those given are a sample of them
  int64_t window_rows = 0;                ///< of the stream: see RowStream
};

}  // namespace crisp
