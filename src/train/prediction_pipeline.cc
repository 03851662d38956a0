#include "train/prediction_pipeline.h"

#include <algorithm>

#include "cuda/error.h"
#include "train/features.h"
#include "train/manifest.h"

namespace crisp {
namespace {

std::vector<float> as_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::vector<std::string> not_features(const PredictionPlan& plan, const Target& target) {
  std::vector<std::string> names = plan.excluded;
  names.push_back(target.column());
  return names;
}

/// The columns whose distribution is kept: numbers as people read them.
std::vector<std::string> reference_columns(const Table& rows, const std::vector<std::string>& excluded) {
  std::vector<std::string> names;
  for (const ColumnInfo& column : rows.schema()) {
    const bool number = column.type != ColumnType::text && column.type != ColumnType::timestamp;
    if (number && std::find(excluded.begin(), excluded.end(), column.name) == excluded.end()) names.push_back(column.name);
  }
  return names;
}

std::vector<FeatureInfo> feature_infos(const FittedRecipe& recipe, const std::vector<std::string>& features) {
  const auto categories = recipe.categories();
  std::vector<FeatureInfo> infos;
  for (const std::string& name : features) {
    const auto found = categories.find(name);
    infos.push_back({name, found == categories.end() ? 0 : found->second});
  }
  return infos;
}

int64_t outputs_of(const Target& target) { return target.is_classes() ? static_cast<int64_t>(target.classes().size()) : 1; }

}  // namespace

PredictionPipeline PredictionPipeline::fit(Exec& exec, const PredictionPlan& plan, const Target& target, const TargetRows& train,
                                           const TargetRows& validation, TrainingRun& run, StepLog& log) {
  CRISP_REQUIRE(train.rows.rows() > 0, Code::data, "no rows are left to learn from");
  PredictionPipeline pipeline;
  pipeline.learner_ = plan.learner;
  pipeline.target_ = target;
  pipeline.params_ = plan.params.to_json();
  pipeline.seed_ = plan.seed;
  const std::vector<std::string> excluded = not_features(plan, target);
  Table prepared;
  if (plan.fitted) {
    pipeline.recipe_ = plan.fitted;
    prepared = plan.fitted->apply(exec, train.rows, log);
  } else {
    pipeline.recipe_ = plan.recipe.fit(exec, train.rows, &prepared, &log);
  }
  if (plan.start) pipeline.start_ = {{"name", plan.start->name}, {"sha256", plan.start->sha256}};
  pipeline.features_ = choose_features(prepared, plan.features, excluded);
  const Matrix rows = pipeline.features_of(prepared);
  StepLog repeated;
  const Matrix held = validation.rows.rows() == 0 ? Matrix(0, rows.columns())
                                                  : pipeline.features_of(pipeline.recipe_->apply(exec, validation.rows, repeated));
  const std::vector<float> train_target = as_floats(train.target), held_target = as_floats(validation.target);
  const bool weighed = std::any_of(validation.weights.begin(), validation.weights.end(), [](float weight) { return weight > 0; });
  FitData data;
  data.task = target.task();
  data.classes = target.is_classes() ? outputs_of(target) : 0;
  data.features = feature_infos(*pipeline.recipe_, pipeline.features_);
  data.train = {rows.view(), train_target, train.weights};
  data.validation = {held.view(), held_target, weighed ? std::span<const float>(validation.weights) : std::span<const float>()};
  data.start = plan.start.get();
  pipeline.model_ = plan.learner->fit(exec, data, plan.params, plan.seed, run);
  pipeline.reference_ = Reference::learn(train.rows, reference_columns(train.rows, excluded), {});
  return pipeline;
}

Matrix PredictionPipeline::features_of(const Table& prepared) const {
  return model_features(prepared, features_, learner_->needs().missing);
}

std::shared_ptr<const Scorer> PredictionPipeline::scorer(Exec& exec) const {
  const std::lock_guard guard(resident_->mutex);
  if (!resident_->scorer || resident_->exec != exec.id()) resident_->scorer = model_->scorer(exec);
  resident_->exec = exec.id();
  return resident_->scorer;
}

Predictions PredictionPipeline::predict(Exec& exec, const Table& raw, StepLog& log) const {
  const Table ready = recipe_->run_stateless(exec, raw, log);
  Predictions predictions = predict_prepared(exec, ready, log);
  // People know their rows by the columns that they gave.
  if (recipe_->keeps_rows() && raw.has(target_.column()) == ready.has(target_.column())) predictions.rows = raw;
  return predictions;
}

Predictions PredictionPipeline::predict_prepared(Exec& exec, const Table& rows, StepLog& log) const {
  Predictions predictions{rows, outputs_of(target_), {}};
  const Matrix features = features_of(recipe_->apply(exec, rows, log));
  predictions.values.resize(static_cast<size_t>(rows.rows() * predictions.outputs));
  if (rows.rows() > 0) scorer(exec)->score(exec, features.view(), predictions.values);
  return predictions;
}

Json PredictionPipeline::about() const {
  Json about = {{"model", learner_->name()}, {"task", task_name(target_.task())}, {"parameters", params_},
                {"seed", seed_},             {"target", target_.to_json()},       {"features", features_}};
  if (!start_.is_null()) about["started_from"] = start_;
  return about;
}

Json PredictionPipeline::save(Tensors& weights) const {
  Json manifest = about();
  Tensors arrays;
  model_->save(arrays, manifest["learned"] = Json::object());
  weights.merge("model.", arrays);
  return manifest;
}

PredictionPipeline PredictionPipeline::load(const Registry& registry, const Json& manifest, const Tensors& weights,
                                            const Json& recipe, const Json& reference) {
  PredictionPipeline pipeline;
  pipeline.learner_ = &registry.at(manifest_member(manifest, "model", &Json::is_string).get<std::string>());
  pipeline.target_ = Target::from_json(manifest_member(manifest, "target", &Json::is_object));
  const Task task = parse_task(manifest_member(manifest, "task", &Json::is_string).get<std::string>());
  CRISP_REQUIRE(task == pipeline.target_.task() && pipeline.learner_->does(task), Code::data,
                "manifest.json: the task is not that of the target, or not one of ", pipeline.learner_->name());
  pipeline.params_ = pipeline.learner_->params().resolve(manifest_member(manifest, "parameters", &Json::is_object)).to_json();
  pipeline.seed_ = manifest_member(manifest, "seed", &Json::is_number_unsigned).get<uint64_t>();
  pipeline.start_ = manifest.value("started_from", Json());
  pipeline.features_ = manifest_texts(manifest_member(manifest, "features", &Json::is_array));
  pipeline.recipe_ = FittedRecipe::from_json(recipe, "recipe.json");
  pipeline.model_ = pipeline.learner_->load(weights.with_prefix("model."), manifest_member(manifest, "learned", &Json::is_object));
  CRISP_REQUIRE(pipeline.model_->columns() == static_cast<int64_t>(pipeline.features_.size()), Code::data, "the manifest names ",
                pipeline.features_.size(), " features, the model has ", pipeline.model_->columns());
  CRISP_REQUIRE(pipeline.model_->outputs() == outputs_of(pipeline.target_), Code::data, "the manifest's target has ",
                outputs_of(pipeline.target_), " classes, the model answers with ", pipeline.model_->outputs(), " numbers");
  const bool listed = reference.is_object() && reference.contains("columns") && reference["columns"].is_array();
  pipeline.reference_ = Reference::from_json(reference, listed ? reference["columns"].size() : 0);
  return pipeline;
}

}  // namespace crisp
