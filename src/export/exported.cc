#include "export/exported.h"

namespace crisp {

Exported exported(const SavedPipeline& saved) {
  const Pipeline& pipeline = saved.pipeline;
  Exported out;
  out.recipe = &pipeline.recipe();
  out.input = saved.input;
  out.features = pipeline.features();
  out.per = pipeline.models().grouped() ? pipeline.per() : "";
  out.groups = pipeline.models().group_names();
  out.cutoff = pipeline.cutoff();
  out.about = pipeline.about();
  out.reference = pipeline.reference().to_json();
  out.script = [&pipeline](TorchScript& script, const std::string& rows, const std::string& group) {
    return pipeline.models().script(script, rows, group);
  };
  out.score = [&pipeline](Exec& exec, const Matrix& rows, std::span<const std::string> groups) {
    return pipeline.models().score(exec, rows, groups);
  };
  out.request = [&saved](const std::string& path) { return saved.request(path); };
  return out;
}

Exported exported(const SavedPredictor& saved) {
  const PredictionPipeline& pipeline = saved.pipeline;
  Exported out;
  out.recipe = &pipeline.recipe();
  out.input = saved.input;
  out.features = pipeline.features();
  out.missing = pipeline.learner().needs().missing;
  out.task = pipeline.target().task();
  out.classes = pipeline.target().classes();
  out.outputs = pipeline.model().outputs();
  out.steps = pipeline.forecast().lookback;
  out.about = pipeline.about();
  out.reference = pipeline.reference().to_json();
  out.script = [&pipeline](TorchScript& script, const std::string& rows, const std::string&) {
    return pipeline.script(script, rows);
  };
  out.score = [&pipeline](Exec& exec, const Matrix& rows, std::span<const std::string>) { return pipeline.answer(exec, rows.view()); };
  out.request = [&saved](const std::string& path) { return saved.request(path); };
  return out;
}

}  // namespace crisp
