#include "train/bundle_parts.h"

#include <algorithm>

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

void add_facts(Json& manifest, const BundleFacts& facts, const std::vector<std::string>& output) {
  manifest["input"] = columns_json(facts.input);
  manifest["reading"] = reading_json(facts.reading);
  manifest["output"] = output;
  manifest["metrics"] = facts.metrics;
  manifest["lineage"] = {{"crisp_version", CRISP_VERSION}, {"data_fingerprint", facts.data_fingerprint}};
}

void write_bundle(const std::string& directory, Json manifest, const Tensors& weights, const Json& recipe, const Json& reference,
                  const std::string& card) {
  const std::string steps = to_text(recipe, 1);
  manifest["lineage"]["recipe_sha256"] = sha256_hex(as_bytes(steps));
  BundleWriter writer(directory);
  writer.add(kWeights, weights.serialise());
  writer.add(kRecipe, steps);
  writer.add(kReference, to_text(reference, 1));
  writer.add("card.md", card);
  writer.finish(manifest);
}

std::string as_markdown(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

SavedInput SavedInput::from_manifest(const Json& manifest) { return {columns_from_json(manifest), reading_from_json(manifest)}; }

ReadRequest SavedInput::request(const std::string& path, const std::vector<std::string>& numbers) const {
  ReadRequest request;
  request.path = path;
  request.csv = reading;
  for (const ColumnInfo& column : columns) {
    request.types[column.name] = column.type;
  }
  for (const std::string& name : numbers) {
    if (request.types.contains(name) && request.types[name] == ColumnType::integer) request.fractions.insert(name);
  }
  return request;
}

std::string SavedInput::absent(const Table& raw, const std::string& unasked) const {
  std::string names;
  for (const ColumnInfo& column : columns) {
    if (column.name != unasked && !raw.has(column.name)) names += concat(names.empty() ? "" : ", ", "'", column.name, "'");
  }
  return names;
}

BundleParts parts_of(const Bundle& bundle) {
  for (const char* name : {kWeights, kRecipe, kReference}) {
    CRISP_REQUIRE(bundle.has(name), Code::data, "the bundle has no ", name);
  }
  return {Tensors::parse(bundle.file(kWeights), bundle.where(kWeights)), bundle.json(kRecipe), bundle.json(kReference)};
}

}  // namespace crisp
