#include "evaluate/prediction_evaluation.h"

#include <algorithm>

#include "core/format.h"
#include "core/json_number.h"

namespace crisp {
namespace {

Json interval_json(const Interval& interval) {
  return Json::array({number_or_null(interval.low), number_or_null(interval.high)});
}

Json class_json(const ClassDetails& details, int64_t k) {
  const Confusion counts = details.judged.confusion.one_against_rest(k);
  Json json = {{"class", details.names[static_cast<size_t>(k)]},
               {"support", counts.positives()},
               {"precision", number_or_null(counts.precision())},
               {"recall", number_or_null(counts.recall())},
               {"f1", number_or_null(counts.f1())}};
  for (const ClassCurves& curves : details.judged.classes) {
    if (curves.index != k || details.names.size() == 2) continue;
    json["roc_auc"] = number_or_null(curves.roc_auc);
    json["average_precision"] = number_or_null(curves.average_precision);
  }
  return json;
}

}  // namespace

const MetricResult* PredictionEvaluation::find(const std::string& metric) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const auto& result) { return metric == result.metric->name; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string PredictionEvaluation::kind() const {
  if (task == Task::regression) return "a regression";
  return concat(classes.names.size(), classes.names.size() == 1 ? " class" : " classes");
}

Json PredictionEvaluation::to_json() const {
  Json json = {{"task", task_name(task)}, {"rows", rows}, {"rows_without_truth", rows_without_truth}};
  for (const MetricResult& result : metrics) json[result.metric->name] = number_or_null(result.value);
  Json& bounds = json["intervals"] = Json::object();
  for (const MetricResult& result : metrics) bounds[result.metric->name] = interval_json(result.interval);
  json["resampling"] = {
      {"resamples", intervals.resamples}, {"rows", intervals.most_rows}, {"level", intervals.level}};
  if (task != Task::classification) return json;
  json["accuracy_majority"] = number_or_null(classes.judged.confusion.majority_accuracy());
  json["confusion"] = classes.judged.confusion.to_json();
  Json& each = json["classes"] = Json::array();
  for (int64_t k = 0; k < std::ssize(classes.names); ++k) each.push_back(class_json(classes, k));
  return json;
}

}  // namespace crisp
