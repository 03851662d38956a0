#include "train/pipeline.h"

#include <cmath>

#include "cuda/error.h"
#include "train/features.h"
#include "train/manifest.h"

namespace crisp {
namespace {

std::vector<std::string> not_features(const PipelinePlan& plan) {
  std::vector<std::string> names;
  if (!plan.per.empty()) names.push_back(plan.per);
  if (!plan.label.column.empty()) names.push_back(plan.label.column);
  return names;
}

}  // namespace

Pipeline Pipeline::fit(Exec& exec, const PipelinePlan& plan, const Table& train, StepLog& log, TrainingRun* run) {
  CRISP_REQUIRE(train.rows() > 0, Code::data, "no rows are left to learn from after the recipe's steps");
  Pipeline pipeline;
  pipeline.learner_ = plan.fit.learner;
  pipeline.per_ = plan.per;
  pipeline.label_ = plan.label;
  pipeline.params_ = plan.fit.params.to_json();
  pipeline.seed_ = plan.fit.seed;
  pipeline.rule_ = plan.threshold;
  pipeline.folds_ = plan.folds;
  pipeline.features_ = choose_features(train, plan.features, not_features(plan));
  pipeline.recipe_ = plan.recipe.fit(exec, train);

  Scored& training = pipeline.training_;
  training.rows = train;
  training.groups = pipeline.groups_of(train);
  training.features = feature_matrix(exec, *pipeline.recipe_, train, pipeline.features_, log);
  pipeline.models_ = ModelSet::fit(exec, plan.fit, training.features, training.groups, run);
  if (plan.folds >= 2) {
    pipeline.cross_fit_ = CrossFit(exec, plan, pipeline.features_, train, training.groups);
    training.features = pipeline.cross_fit_.features();
    training.scores = pipeline.cross_fit_.score(exec);
  } else {
    training.scores = pipeline.models_.score(exec, training.features, training.groups);
  }
  pipeline.cutoff_ = plan.threshold.fit(training.scores);
  for (const double score : training.scores) training.anomalous.push_back(score > pipeline.cutoff_);
  pipeline.reference_ = Reference::learn(train, pipeline.features_, training.groups);
  return pipeline;
}

std::vector<double> Pipeline::attribute(Exec& exec, const Scored& scored, std::span<const int64_t> rows) const {
  if (&scored == &training_ && !cross_fit_.empty()) {
    return cross_fit_.attribute(exec, rows);
  }
  std::vector<std::string> groups;
  for (const int64_t row : rows) {
    if (!scored.groups.empty()) groups.push_back(scored.groups[static_cast<size_t>(row)]);
  }
  return models_.attribute(exec, scored.features.take({rows.begin(), rows.end()}), groups);
}

std::vector<std::string> Pipeline::groups_of(const Table& rows) const {
  return per_.empty() ? std::vector<std::string>() : rows.texts(per_);
}

Scored Pipeline::score(Exec& exec, const Table& raw, StepLog& log) const {
  return score_prepared(exec, recipe_->run_stateless(exec, raw, log), log);
}

Scored Pipeline::score_prepared(Exec& exec, const Table& rows, StepLog& log) const {
  Scored scored;
  scored.rows = rows;
  scored.groups = groups_of(rows);
  scored.features = feature_matrix(exec, *recipe_, rows, features_, log);
  if (rows.rows() > 0) scored.scores = models_.score(exec, scored.features, scored.groups);
  for (const double score : scored.scores) scored.anomalous.push_back(score > cutoff_);
  return scored;
}

Json Pipeline::about() const {
  return {{"model", learner_->name()},
          {"task", task_name(Task::anomaly)},
          {"parameters", params_},
          {"seed", seed_},
          {"features", features_},
          {"per", per_},
          {"label", {{"column", label_.column}, {"anomaly", label_.anomaly}, {"normal", label_.normal}}},
          {"threshold", {{"rule", rule_.to_json()}, {"folds", folds_}, {"cutoff", cutoff_}}}};
}

Json Pipeline::save(Tensors& weights) const {
  Json manifest = about();
  models_.save(weights, manifest["models"] = Json::object());
  return manifest;
}

Pipeline Pipeline::load(const Registry& registry, const Json& manifest, const Tensors& weights, const Json& recipe,
                        const Json& reference) {
  Pipeline pipeline;
  pipeline.learner_ = &registry.at(manifest_member(manifest, "model", &Json::is_string).get<std::string>());
  CRISP_REQUIRE(manifest_member(manifest, "task", &Json::is_string).get<std::string>() == task_name(Task::anomaly) &&
                    pipeline.learner_->does(Task::anomaly),
                Code::data, "manifest.json: the task is not that of ", pipeline.learner_->name());
  pipeline.params_ = pipeline.learner_->params().resolve(manifest_member(manifest, "parameters", &Json::is_object)).to_json();
  pipeline.seed_ = manifest_member(manifest, "seed", &Json::is_number_unsigned).get<uint64_t>();
  pipeline.features_ = manifest_texts(manifest_member(manifest, "features", &Json::is_array));
  pipeline.per_ = manifest_member(manifest, "per", &Json::is_string).get<std::string>();
  const Json& label = manifest_member(manifest, "label", &Json::is_object);
  pipeline.label_ = {manifest_member(label, "column", &Json::is_string).get<std::string>(),
                     manifest_member(label, "anomaly", &Json::is_string).get<std::string>(),
                     manifest_member(label, "normal", &Json::is_string).get<std::string>()};
  const Json& threshold = manifest_member(manifest, "threshold", &Json::is_object);
  pipeline.rule_ = ThresholdRule::from_json(manifest_member(threshold, "rule", &Json::is_object));
  const uint64_t folds = manifest_member(threshold, "folds", &Json::is_number_unsigned).get<uint64_t>();
  CRISP_REQUIRE(folds <= kMaxFolds, Code::data, "manifest.json: ", folds, " folds; the limit is ", kMaxFolds);
  pipeline.folds_ = static_cast<int>(folds);
  pipeline.cutoff_ = manifest_member(threshold, "cutoff", &Json::is_number).get<double>();
  CRISP_REQUIRE(std::isfinite(pipeline.cutoff_), Code::data, "manifest.json: the cutoff is not a number");
  pipeline.recipe_ = FittedRecipe::from_json(recipe, "recipe.json");
  pipeline.models_ = ModelSet::load(*pipeline.learner_, weights, manifest_member(manifest, "models", &Json::is_object));
  CRISP_REQUIRE(pipeline.models_.columns() == static_cast<int64_t>(pipeline.features_.size()), Code::data,
                "the manifest names ", pipeline.features_.size(), " features, the model has ",
                pipeline.models_.columns());
  CRISP_REQUIRE(!pipeline.per_.empty() || !pipeline.models_.grouped(), Code::data,
                "the manifest has models by group, but names no group column");
  pipeline.reference_ = Reference::from_json(reference, pipeline.features_.size());
  CRISP_REQUIRE(pipeline.reference_.names() == pipeline.features_, Code::data,
                "reference.json speaks of other columns than the manifest's features");
  return pipeline;
}

}  // namespace crisp
