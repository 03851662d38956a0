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

/// A forecast reads the target's own past like any other column, and the hour and weekday of its times. Not how many days have
/// gone by: what is forecast has always seen fewer.
ColumnUse use_of_forecast(const PredictionProject& project, const Target& target, const Table& train) {
  ColumnUse use{"", false, not_asked_for(project, target, train)};
  for (const std::string& name : project.excluded()) {
    if (train.type(name) != ColumnType::timestamp || name != project.forecast.time) use.excluded.push_back(name);
  }
  return use;
}

}  // namespace

PredictionRecipe plan_recipe(Exec& exec, const PredictionProject& project, const Target& target, const Table& train) {
  const bool prepared = project.recipe && project.recipe->stateless_steps() < project.recipe->size();
  if (prepared) return {*project.recipe, Recipe::parse(Json::array()), project.features, {}, {}};
  const FeatureNeeds needs = project.learner->needs();
  ColumnUse use{target.column(), target.is_classes(), not_asked_for(project, target, train)};
  const std::vector<std::string> of_split = project.excluded();
  use.excluded.insert(use.excluded.end(), of_split.begin(), of_split.end());
  if (project.forecast) use = use_of_forecast(project, target, train);
  // The columns of a window are read as numbers, a code among them too.
  const bool codes = needs.codes && !project.forecast;
  AutomaticRecipe automatic = automatic_recipe(exec, train, {codes, needs.scaled, needs.missing}, use);
  if (project.forecast) std::erase(automatic.features, project.forecast.time + "_days");
  Json steps = project.recipe ? project.recipe->source() : Json::array();
  steps.insert(steps.end(), automatic.steps.begin(), automatic.steps.end());
  PredictionRecipe plan{Recipe::parse(steps), Recipe::parse(automatic.steps), std::move(automatic.features), {}, std::move(automatic.notes)};
  for (const DroppedColumn& dropped : automatic.dropped) plan.left_out.push_back({dropped.name, dropped.reason});
  for (const std::string& name : of_split) plan.left_out.push_back({name, name == project.weight ? "weighs the rows" : project.forecast ? "puts the rows in order" : "splits the rows"});
  return plan;
}

}  // namespace crisp
