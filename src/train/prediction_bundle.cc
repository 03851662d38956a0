#include "train/prediction_bundle.h"

#include "core/format.h"
#include "cuda/error.h"

namespace crisp {
namespace {

std::string classes_text(const Target& target) {
  constexpr size_t kShown = 10;
  std::string text;
  for (size_t i = 0; i < std::min(kShown, target.classes().size()); ++i) text += concat(i ? ", " : "", as_markdown(target.classes()[i]));
  return concat(target.classes().size(), ": ", text, target.classes().size() > kShown ? ", ..." : "");
}

std::string card(const PredictionPipeline& pipeline, const BundleFacts& facts, const std::string& fitted_on) {
  const Target& target = pipeline.target();
  std::string text = concat("# ", as_markdown(facts.name), "\n\nA crisp bundle: data only, no code. `crisp predict FOLDER DATA` predicts the "
                            "target of new rows with it.\n\n| | |\n|---|---|\n| model | ",
                            pipeline.learner().name(), " |\n| task | ", task_name(target.task()), " |\n| target | ",
                            as_markdown(target.column()), " |\n");
  if (target.is_classes()) text += concat("| classes | ", classes_text(target), " |\n");
  if (const ForecastPlan& plan = pipeline.forecast(); plan) {
    text += concat("| values ahead | ", plan.horizon, " |\n| rows looked back at | ", plan.lookback, " |\n| ordered by | ",
                   as_markdown(plan.time), " |\n");
    if (!plan.group.empty()) text += concat("| series of | ", as_markdown(plan.group), " |\n");
  }
  text += concat("| parameters | `", pipeline.about()["parameters"].dump(), "` |\n| features | ", pipeline.features().size(),
                 " |\n| fitted on | ", fitted_on, " |\n");
  if (pipeline.calibrator()) text += concat("| probabilities | calibrated: ", calibration_method_name(pipeline.calibrator().method()), " |\n");
  for (const auto& [metric, value] : facts.metrics.items()) {
    if (value.is_number()) text += concat("| ", metric, " | ", to_text(value), " |\n");
  }
  return text;
}

std::vector<std::string> output_columns(const PredictionPipeline& pipeline) {
  const Target& target = pipeline.target();
  if (pipeline.forecast()) {
    std::vector<std::string> names;
    for (int64_t ahead = 1; ahead <= pipeline.forecast().horizon; ++ahead) names.push_back(concat("prediction_", ahead));
    return names;
  }
  if (!target.is_classes()) return {"prediction"};
  return {"prediction", "probability"};
}

}  // namespace

void write_prediction_pipeline(const std::string& directory, const PredictionPipeline& pipeline, const BundleFacts& facts,
                               const std::string& fitted_on) {
  Tensors weights;
  Json manifest = pipeline.save(weights);
  manifest["fitted_on"] = fitted_on;
  add_facts(manifest, facts, output_columns(pipeline));
  write_bundle(directory, std::move(manifest), weights, pipeline.recipe().to_json(), pipeline.reference().to_json(),
               card(pipeline, facts, fitted_on));
}

ReadRequest SavedPredictor::request(const std::string& path) const {
  std::vector<std::string> numbers = pipeline.features();
  numbers.push_back(pipeline.target().column());
  return input.request(path, numbers);
}

Predictions SavedPredictor::predict(Exec& exec, const Table& raw, StepLog& log) const {
  return input.telling_absent(raw, [&] { return pipeline.predict(exec, raw, log); }, unasked());
}

std::string SavedPredictor::unasked() const { return pipeline.forecast() ? "" : pipeline.target().column(); }

SavedPredictor open_predictor(const Bundle& bundle, const Registry& registry) {
  return read_bundle(bundle, [&](const BundleParts& parts) {
    return SavedPredictor{PredictionPipeline::load(registry, bundle.manifest(), parts.weights, parts.recipe, parts.reference),
                          SavedInput::from_manifest(bundle.manifest())};
  });
}

bool predicts(const Bundle& bundle) {
  const Json& manifest = bundle.manifest();
  return manifest.is_object() && manifest.contains("task") && manifest["task"] != task_name(Task::anomaly);
}

}  // namespace crisp
