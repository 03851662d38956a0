#include "train/pipeline_bundle.h"

#include <algorithm>

#include "core/bundle.h"
#include "core/file_io.h"
#include "core/sha256.h"
#include "core/terminal.h"
#include "cuda/error.h"
#include "train/manifest.h"

namespace crisp {
namespace {

constexpr const char* kWeights = "weights.safetensors";
constexpr const char* kRecipe = "recipe.json";
constexpr const char* kReference = "reference.json";

Json columns_json(const std::vector<ColumnInfo>& columns) {
  Json list = Json::array();
  for (const ColumnInfo& column : columns) {
    list.push_back({{"name", column.name}, {"type", column_type_name(column.type)}});
  }
  return list;
}

Json reading_json(const CsvOptions& reading) {
  return {{"missing", reading.missing}, {"timestamp_formats", reading.timestamp_formats}};
}

/// Names come from files: they must not become markup.
std::string as_markdown(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

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
  const std::string recipe = to_text(pipeline.recipe().to_json(), 1);
  manifest["input"] = columns_json(facts.input);
  manifest["reading"] = reading_json(facts.reading);
  manifest["output"] = {"score", "threshold", "is_anomaly", "reasons"};
  manifest["metrics"] = facts.metrics;
  manifest["lineage"] = {{"crisp_version", CRISP_VERSION},
                         {"data_fingerprint", facts.data_fingerprint},
                         {"recipe_sha256", sha256_hex(as_bytes(recipe))}};
  BundleWriter writer(directory);
  writer.add(kWeights, weights.serialise());
  writer.add(kRecipe, recipe);
  writer.add(kReference, to_text(pipeline.reference().to_json(), 1));
  writer.add("card.md", card(pipeline, facts));
  writer.finish(manifest);
}

namespace {

std::vector<ColumnInfo> columns_from_json(const Json& manifest) {
  std::vector<ColumnInfo> columns;
  for (const Json& column : manifest_member(manifest, "input", &Json::is_array)) {
    columns.push_back({manifest_member(column, "name", &Json::is_string).get<std::string>(),
                       parse_column_type(manifest_member(column, "type", &Json::is_string).get<std::string>())});
  }
  return columns;
}

CsvOptions reading_from_json(const Json& manifest) {
  const Json& reading = manifest_member(manifest, "reading", &Json::is_object);
  CsvOptions options;
  options.missing = manifest_texts(manifest_member(reading, "missing", &Json::is_array));
  options.timestamp_formats = manifest_texts(manifest_member(reading, "timestamp_formats", &Json::is_array));
  return options;
}

}  // namespace

ReadRequest SavedPipeline::request(const std::string& path) const {
  const std::vector<std::string>& features = pipeline.features();
  ReadRequest request;
  request.path = path;
  request.csv = reading;
  for (const ColumnInfo& column : input) {
    const bool feature = std::find(features.begin(), features.end(), column.name) != features.end();
    request.types[column.name] = feature && column.type == ColumnType::integer ? ColumnType::real : column.type;
  }
  return request;
}

Scored SavedPipeline::score(Exec& exec, const Table& raw, StepLog& log) const {
  try {
    return pipeline.score(exec, raw, log);
  } catch (const Error& error) {
    if (error.code() != Code::config && error.code() != Code::data) throw;
    std::string absent;
    for (const ColumnInfo& column : input) {
      if (!raw.has(column.name)) absent += concat(absent.empty() ? "" : ", ", "'", column.name, "'");
    }
    throw Error(Code::data, error.what(),
                absent.empty() ? error.hint() : concat("give rows that also have ", absent, ": the model was made from such"));
  }
}

SavedPipeline open_pipeline(const std::string& path, const Registry& registry) {
  const Bundle bundle = Bundle::open(path);
  try {
    for (const char* name : {kWeights, kRecipe, kReference}) {
      CRISP_REQUIRE(bundle.has(name), Code::data, "the bundle has no ", name);
    }
    const Tensors weights = Tensors::parse(bundle.file(kWeights), bundle.where(kWeights));
    return {Pipeline::load(registry, bundle.manifest(), weights, bundle.json(kRecipe), bundle.json(kReference)),
            columns_from_json(bundle.manifest()), reading_from_json(bundle.manifest())};
  } catch (Error& error) {
    // Whatever a damaged or foreign bundle asks for is bad data here, not somebody's configuration.
    throw Error(error.code() == Code::config ? Code::data : error.code(), concat(path, ": ", error.what()), error.hint());
  }
}

}  // namespace crisp
