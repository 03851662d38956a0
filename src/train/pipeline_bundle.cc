#include "train/pipeline_bundle.h"

#include "cuda/error.h"

namespace crisp {
namespace {

std::string card(const Pipeline& pipeline, const BundleFacts& facts) {
  const Json about = pipeline.about();
  std::string text = concat("# ", as_markdown(facts.name), "\n\nA crisp bundle: data only, no code. `crisp predict FOLDER DATA` scores "
                            "new rows with it.\n\n| | |\n|---|---|\n| model | ",
                            about["model"].get<std::string>(), " |\n| models | ");
  text += pipeline.per().empty() ? std::string("one for all rows")
                                 : concat(pipeline.models().group_names().size(), " by ", as_markdown(pipeline.per()),
                                          ", and a shared one for the rest");
  text += concat(" |\n| parameters | `", about["parameters"].dump(), "` |\n| features | ", pipeline.features().size(),
                 " |\n| cutoff | ", pipeline.cutoff(), " (", about["threshold"]["rule"].dump(), ") |\n");
  for (const auto& [metric, value] : facts.metrics.items()) text += concat("| ", metric, " | ", to_text(value), " |\n");
  return text;
}

}  // namespace

void write_pipeline(const std::string& directory, const Pipeline& pipeline, const BundleFacts& facts) {
  Tensors weights;
  Json manifest = pipeline.save(weights);
  add_facts(manifest, facts, {"score", "threshold", "is_anomaly", "reasons"});
  write_bundle(directory, std::move(manifest), weights, pipeline.recipe().to_json(), pipeline.reference().to_json(),
               card(pipeline, facts));
}

ReadRequest SavedPipeline::request(const std::string& path) const { return input.request(path, pipeline.features()); }

Scored SavedPipeline::score(Exec& exec, const Table& raw, StepLog& log) const {
  return input.telling_absent(raw, [&] { return pipeline.score(exec, raw, log); });
}

SavedPipeline open_pipeline(const std::string& path, const Registry& registry) {
  return open_pipeline(Bundle::open(path), registry);
}

SavedPipeline open_pipeline(const Bundle& bundle, const Registry& registry) {
  return read_bundle(bundle, [&](const BundleParts& parts) {
    return SavedPipeline{Pipeline::load(registry, bundle.manifest(), parts.weights, parts.recipe, parts.reference),
                         SavedInput::from_manifest(bundle.manifest())};
  });
}

}  // namespace crisp
