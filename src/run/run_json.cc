#include <algorithm>

#include "core/json_number.h"
#include "run/run_project.h"

namespace crisp {
namespace {

/// `name_column`: the column that names a row to people ("trip_id"), or "".
Json top_json(const TopRows& top, const Scored& scored, const std::string& name_column) {
  Json list = Json::array();
  const std::vector<std::string> names =
      scored.rows.has(name_column) ? scored.rows.texts(name_column) : std::vector<std::string>();
  for (size_t i = 0; i < top.rows.size(); ++i) {
    Json reasons = Json::array();
    for (size_t j = 0; j < std::min<size_t>(5, top.reasons[i].size()); ++j) {
      const RowReason& reason = top.reasons[i][j];
      reasons.push_back({{"feature", reason.name},
                         {"direction", reason.is_high() ? "high" : "low"},
                         {"share", reason.share},
                         {"value", number_or_null(reason.value)},
                         {"usual", number_or_null(reason.usual)}});
    }
    const auto row = static_cast<size_t>(top.rows[i]);
    list.push_back({{"row", top.rows[i]},
                    {"name", names.empty() ? Json(nullptr) : Json(names[row])},
                    {"score", scored.scores[row]},
                    {"is_anomaly", scored.anomalous[row] != 0},
                    {"reasons", std::move(reasons)}});
  }
  return list;
}

Json steps_json(const StepLog& steps) {
  Json list = Json::array();
  for (const StepRecord& step : steps) list.push_back(step.to_json());
  return list;
}

}  // namespace

Json slices_json(const std::vector<SlicedBy>& sliced, bool labelled) {
  Json json = Json::object();
  for (const SlicedBy& by : sliced) {
    Json list = Json::array();
    for (const Slice& slice : by.slices) {
      const Confusion& counts = slice.counts;
      Json row = {{"value", slice.value},
                  {"rows", counts.rows()},
                  {"anomalies", counts.true_positive + counts.false_positive}};
      if (labelled) {
        row["accuracy"] = number_or_null(counts.accuracy());
        row["recall"] = number_or_null(counts.recall());
        row["specificity"] = number_or_null(counts.specificity());
      }
      list.push_back(std::move(row));
    }
    json[by.column] = std::move(list);
  }
  return json;
}

Json run_json(const RunResult& result) {
  const Pipeline& pipeline = *result.pipeline;
  const std::string name = result.project.tracks ? result.project.tracks->by : std::string();
  return {{"schema", "crisp.run/1"},
          {"project", result.project.name},
          {"data", result.reading.to_json()},
          {"data_fingerprint", result.data_fingerprint},
          {"steps", steps_json(result.steps)},
          {"notes", result.notes},
          {"model", pipeline.about()["model"]},
          {"parameters", pipeline.about()["parameters"]},
          {"features", pipeline.features()},
          {"groups", pipeline.models().group_names().size()},
          {"rows", {{"train", result.train_rows}, {"test", result.scored.rows.rows()}}},
          {"cutoff", pipeline.cutoff()},
          {"training", {{"facts", result.training.facts}, {"history", result.training.history}}},
          {"metrics", result.evaluation ? result.evaluation->to_json() : Json(nullptr)},
          {"slices", slices_json(result.slices, result.evaluation.has_value())},
          {"top", top_json(result.top, result.as_they_came(), name)},
          {"top_of_impostor_test", top_json(result.impostor_top, result.scored, name)},
          {"top_of_training", top_json(result.learned_top, pipeline.training(), name)},
          {"unmet_criteria", result.unmet}};
}

}  // namespace crisp
