#include "run/prediction_recipe.h"

#include <algorithm>

#include "prepare/automatic_recipe.h"
#include "prepare/column_pattern.h"

namespace crisp {
namespace {

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// All columns but those that were asked for, and the target.
std::vector<std::string> not_asked_for(const PredictionProject& project, const Target& target, const Table& train) {
  std::vector<std::string> others;
  if (project.features.empty()) return others;
  const std::vector<std::string> wanted = columns_like(train, project.features);
  for (const std::string& name : train.names()) {
    if (name != target.column() && !is_one_of(wanted, name)) others.push_back(name);
  }
  return others;
}

}  // namespace

PredictionRecipe plan_recipe(Exec& exec, const PredictionProject& project, const Target& target, const Table& train) {
  const bool prepared = project.recipe && project.recipe->stateless_steps() < project.recipe->size();
  if (prepared) return {*project.recipe, Recipe::parse(Json::array()), project.features, {}, {}};
  const FeatureNeeds needs = project.learner->needs();
  ColumnUse use{target.column(), target.is_classes(), not_asked_for(project, target, train)};
  const std::vector<std::string> of_split = project.excluded();
  use.excluded.insert(use.excluded.end(), of_split.begin(), of_split.end());
  AutomaticRecipe automatic = automatic_recipe(exec, train, {needs.codes, needs.scaled, needs.missing}, use);
  Json steps = project.recipe ? project.recipe->source() : Json::array();
  steps.insert(steps.end(), automatic.steps.begin(), automatic.steps.end());
  PredictionRecipe plan{Recipe::parse(steps), Recipe::parse(automatic.steps), std::move(automatic.features), {}, std::move(automatic.notes)};
  for (const DroppedColumn& dropped : automatic.dropped) plan.left_out.push_back({dropped.name, dropped.reason});
  for (const std::string& name : of_split) plan.left_out.push_back({name, name == project.weight ? "weighs the rows" : "splits the rows"});
  return plan;
}

}  // namespace crisp
