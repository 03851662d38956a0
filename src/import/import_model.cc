#include "import/import_model.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/file_io.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "cuda/error.h"
#include "read/read.h"

namespace crisp {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 31;
constexpr const char* kLearner = "imported_trees";

/// Names as LightGBM keeps them: without blanks.
std::string without_blanks(std::string name) {
  std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '\t'; }, '_');
  return name;
}

/// Gives columns the name that the table has for them.
void take_names(std::vector<ImportedColumn>& columns, const std::string& path) {
  ReadRequest request;
  request.path = path;
  const std::vector<std::string> names = read_table(request).names();
  for (ImportedColumn& column : columns) {
    std::vector<std::string> alike;
    for (const std::string& name : names) {
      if (name == column.name || without_blanks(name) == column.name) alike.push_back(name);
    }
    if (alike.size() == 1) column.name = alike[0];
    if (alike.size() == 1 || std::find(alike.begin(), alike.end(), column.name) != alike.end()) continue;
    const std::string nearest = nearest_name(column.name, names);
    throw Error(Code::config, concat(path, " has ", alike.empty() ? "no column" : "several columns that could be", " '", printable(column.name), "'"),
                nearest.empty() ? "leave --columns-of out to use the names of the model" : concat("nearest: '", printable(nearest), "'"));
  }
}

void require_different(const std::vector<ImportedColumn>& columns, const ImportPlan& plan) {
  std::set<std::string> seen;
  for (const ImportedColumn& column : columns) {
    CRISP_REQUIRE(!column.name.empty(), Code::data, plan.path, ": a feature has no name");
    CRISP_REQUIRE(seen.insert(column.name).second, Code::data, plan.path, ": two features are called '", printable(column.name), "'");
  }
  if (!seen.contains(plan.target)) return;
  throw Error(Code::config, concat("the model reads a column '", printable(plan.target), "', and predicts it"), "--target NAME says what the predicted column is called");
}

Json target_json(const ImportPlan& plan, const ImportedModel& model) {
  Json json = {{"column", plan.target}, {"task", task_name(model.task)}};
  if (model.task != Task::classification) {
    CRISP_REQUIRE(plan.classes.empty(), Code::config, "--classes names classes, and the model predicts a number");
    return json;
  }
  std::vector<std::string> classes = plan.classes;
  for (int64_t k = 0; classes.empty() && k < model.model->outputs(); ++k) json["classes"].push_back(concat(k));
  if (!classes.empty()) json["classes"] = classes;
  CRISP_REQUIRE(static_cast<int64_t>(json["classes"].size()) == model.model->outputs(), Code::config, "the model tells ", model.model->outputs(),
                " classes apart, and --classes names ", classes.size());
  if (json["classes"].size() == 2) json["positive"] = json["classes"][1];
  return json;
}

Json categories_json(const ImportedColumn& column) {
  return {{"column", column.name}, {"type", column_type_name(column.type)}, {"categories", column.categories},
          {"counts", std::vector<int64_t>(column.categories.size())}, {"missing", 0}, {"rest", false}};
}

/// What encode gives for the i-th category, i + 1, and for a missing or an unknown one, NaN, is what the model reads.
Json recipe_json(const std::vector<ImportedColumn>& columns) {
  Json steps = Json::array(), fitted = Json::array(), cuts = Json::object(), zeros = Json::array();
  Json coded = Json::array(), categories = Json::array();
  for (const ImportedColumn& column : columns) {
    if (!column.cuts.empty()) cuts[column.name] = column.cuts;
    if (!column.cuts.empty() && column.zeros_missing) zeros.push_back(column.name);
    if (column.categories.empty()) continue;
    coded.push_back(column.name);
    categories.push_back(categories_json(column));
  }
  if (!cuts.empty()) steps.push_back({{"step", "narrow"}, {"cuts", cuts}});
  if (!zeros.empty()) steps.back()["zeros_missing"] = zeros;
  if (!coded.empty()) {
    steps.push_back({{"step", "encode"}, {"columns", coded}, {"method", "ordinal"}, {"unseen", "missing"}});
    fitted.push_back({{"method", "ordinal"}, {"columns", categories}});
  }
  return {{"format", 1}, {"steps", steps}, {"fitted", fitted}};
}

std::vector<ColumnInfo> inputs(const std::vector<ImportedColumn>& columns) {
  std::vector<ColumnInfo> out;
  for (const ImportedColumn& column : columns) out.push_back({column.name, column.type});
  return out;
}

PredictionPipeline make_pipeline(const Registry& registry, const ImportPlan& plan, const ImportedModel& model, const std::string& digest) {
  Json manifest = {{"model", kLearner}, {"task", task_name(model.task)},
                   {"parameters", {{"library", model.library}, {"objective", printable(model.objective)}, {"sha256", digest}}},
                   {"seed", 0u}, {"target", target_json(plan, model)}, {"features", Json::array()}};
  for (const ImportedColumn& column : model.columns) manifest["features"].push_back(column.name);
  Tensors arrays, weights;
  model.model->save(arrays, manifest["learned"] = Json::object());
  weights.merge("model.", arrays);
  return PredictionPipeline::load(registry, manifest, weights, recipe_json(model.columns), Reference().to_json());
}

}  // namespace

ImportResult import_model(const Registry& registry, const ModelReader& reader, const ImportPlan& plan) {
  const std::vector<uint8_t> file = read_file(plan.path, kMostBytes);
  ImportedModel model = reader(file, plan.path);
  if (!plan.columns_of.empty()) take_names(model.columns, plan.columns_of);
  require_different(model.columns, plan);
  PredictionPipeline pipeline = make_pipeline(registry, plan, model, sha256_hex(file));
  BundleFacts facts{inputs(model.columns), {}, Json::object(), "", std::filesystem::path(plan.path).filename().string()};
  return {std::move(model), std::move(pipeline), std::move(facts)};
}

void write_import(const OutputDirectory& directory, const ImportResult& result) {
  write_prediction_pipeline(directory.path(), result.pipeline, result.facts, concat("rows unknown here, by ", result.model.library));
}

}  // namespace crisp
