#include "core/json_number.h"
#include "run/forecast_report.h"

namespace crisp {
namespace {

Json steps_json(const StepLog& steps) {
  Json list = Json::array();
  for (const StepRecord& step : steps) list.push_back(step.to_json());
  return list;
}

Json left_out_json(const std::vector<LeftOut>& columns) {
  Json list = Json::array();
  for (const LeftOut& left : columns) list.push_back({{"column", left.column}, {"why", left.why}});
  return list;
}

Json folds_json(const PredictionResult& result) {
  if (result.folds.empty()) return nullptr;
  const std::string metric = result.evaluation ? result.evaluation->metrics.front().metric->name : "";
  Json list = Json::array();
  for (const FoldResult& fold : result.folds) {
    list.push_back({{"rows", {{"train", fold.train_rows}, {"test", fold.test_rows}}}, {metric, number_or_null(fold.metric)},
                    {"dummy", number_or_null(fold.dummy)}});
  }
  return list;
}

}  // namespace

Json prediction_json(const PredictionResult& result) {
  const Json about = result.pipeline->about();
  Json json = {{"schema", "crisp.prediction/1"},
          {"project", result.project.name},
          {"data", result.reading.to_json()},
          {"data_fingerprint", result.data_fingerprint},
          {"steps", steps_json(result.steps)},
          {"notes", result.notes},
          {"left_out", left_out_json(result.left_out)},
          {"preparation", result.preparation},
          {"model", about["model"]},
          {"task", about["task"]},
          {"target", about["target"]},
          {"parameters", about["parameters"]},
          {"seed", about["seed"]},
          {"features", about["features"]},
          {"rows", {{"train", result.train_rows}, {"validation", result.validation_rows}, {"test", result.judged.predictions.size()}}},
          {"fitted_on", result.fitted_on},
          {"calibration", calibration_method_name(result.pipeline->calibrator().method())},
          {"metrics", result.evaluation ? result.evaluation->to_json() : Json(nullptr)},
          {"dummy", result.dummy ? result.dummy->to_json() : Json(nullptr)},
          {"folds", folds_json(result)},
          {"slices", prediction_slices_json(result.slices)},
          {"unmet_criteria", result.unmet},
          {"training", {{"facts", result.training.facts}, {"history", result.training.history}}}};
  if (!result.stream.is_null()) json["stream"] = result.stream;
  if (result.forecast) json["forecast"] = forecast_json(*result.forecast);
  return json;
}

}  // namespace crisp
