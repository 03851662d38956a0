/// The preparation of a table for a predicting model, where nobody wrote a recipe.
#pragma once

#include <string>
#include <vector>

#include "run/prediction_project.h"

namespace crisp {

struct LeftOut {
  std::string column, why;
};

struct PredictionRecipe {
  Recipe recipe;
  Recipe added;                       ///< the part of it that follows the project's own steps
  std::vector<std::string> features;  ///< names or patterns after the recipe; empty: all numbers
  std::vector<LeftOut> left_out;      ///< columns that the model will not see
  std::vector<std::string> notes;     ///< what was decided for the others
};

/// From the training rows, after `project.recipe`'s stateless steps. Own steps of which one is fitted are taken as they are: whoever
/// writes such has prepared the columns.
PredictionRecipe plan_recipe(Exec& exec, const PredictionProject& project, const Target& target, const Table& train);

}  // namespace crisp
