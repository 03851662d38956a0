#include "run/project_file.h"

#include <algorithm>
#include <functional>

namespace crisp {
namespace {

/// A misspelt section is named as such, before its keys are missed.
void require_known_sections(const ConfigTable& config) {
  static const std::vector<std::string> known{"seed",  "project",   "data",   "recipe",  "split", "impostors", "target",
                                              "label", "threshold", "report", "success", "model"};
  for (const std::string& key : config.keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = nearest_name(key, known);
    throw Error(Code::config, concat(config.where(key), ": unknown key '", key, "'"),
                nearest.empty() ? "docs/projects.md lists every key" : concat("did you mean '", nearest, "'?"));
  }
}

}  // namespace

ProjectFile ProjectFile::open(const std::string& path, const std::vector<std::string>& sets) {
  ProjectFile file{Config::load(path, sets), path};
  require_known_sections(file.config);
  return file;
}

std::string ProjectFile::resolved(const std::string& given) const {
  if (given == "-" || given.find("://") != std::string::npos || std::filesystem::path(given).is_absolute()) return given;
  return (path.parent_path() / given).lexically_normal().string();
}

std::string ProjectFile::output() const {
  const std::string output = config.table("project").text("output", "");
  return output.empty() ? "runs/" + path.stem().string() : resolved(output);
}

ReadRequest ProjectFile::data() const {
  const ConfigTable data = config.table("data");
  ReadRequest request;
  request.path = resolved(data.text("path"));
  request.columns = data.texts("columns");
  const std::vector<std::string> missing = data.texts("missing");
  if (!missing.empty()) request.csv.missing = missing;
  request.csv.timestamp_formats = data.texts("timestamp_formats");
  const ConfigTable types = data.table("types");
  for (const std::string& column : types.keys()) {
    const std::string type = types.text(column);
    request.types[column] = placed(types, column, [&] { return parse_column_type(type); });
  }
  return request;
}

Recipe ProjectFile::recipe() const {
  const std::vector<ConfigTable> steps = config.tables("recipe");
  const Json all = config.json("recipe");
  try {
    return Recipe::parse(all.is_null() ? Json::array() : all);
  } catch (const Error& whole) {
    std::string where = config.where("recipe");
    for (const ConfigTable& step : steps) {
      try {
        Recipe::parse(Json::array({step.json()}));
      } catch (const Error&) {
        where = step.where();
        break;
      }
    }
    throw Error(Code::config, concat(where, ": ", whole.what()), whole.hint());
  }
}

const Learner& ProjectFile::learner(const std::string& name, const Registry& registry) const {
  return placed(config.table("model"), "name", [&]() -> std::reference_wrapper<const Learner> { return registry.at(name); }).get();
}

Params ProjectFile::params(const Learner& learner) const {
  const ConfigTable model = config.table("model"), params = model.table("params");
  for (const std::string& key : params.keys()) {
    placed(params, key, [&] { return learner.params().resolve({{key, params.json(key)}}); });
  }
  return placed(model, "params", [&] {
    Params resolved = learner.params().resolve(params.json());
    learner.check(resolved);
    return resolved;
  });
}

}  // namespace crisp
