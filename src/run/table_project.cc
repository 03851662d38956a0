#include "run/table_project.h"

#include "train/features.h"

namespace crisp {

Project TableProject::project(const Table& table, const Registry& registry) const {
  Project project;
  project.name = concat("Anomalies in ", data_name(data.path));
  project.data = data;
  project.seed = seed;
  PipelinePlan& plan = project.pipeline;
  plan.per = per;
  plan.label = label;
  plan.threshold = threshold;
  std::vector<std::string> excluded;
  for (const std::string& name : {per, label.column}) {
    if (!name.empty()) excluded.push_back(table.names()[static_cast<size_t>(table.index_of(name))]);
  }
  plan.features = choose_features(table, features, excluded);
  Json scale = {{"step", "scale"}, {"columns", plan.features}, {"method", registry.at(model).needs().detector_scale}};
  if (!per.empty()) scale["per"] = per;
  plan.recipe = Recipe::parse(
      Json::array({Json{{"step", "impute"}, {"columns", plan.features}, {"method", "median"}}, std::move(scale)}));
  plan.fit.learner = &registry.at(model);
  plan.fit.params = plan.fit.learner->params().resolve(params);
  plan.fit.seed = seed;
  plan.fit.min_rows = 8;
  return project;
}

}  // namespace crisp
