#include "run/project.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "core/config.h"
#include "cuda/error.h"

namespace crisp {
namespace {

namespace fs = std::filesystem;

/// Paths in a project file are relative to its folder, so that it runs from anywhere.
std::string resolve(const std::string& path, const fs::path& folder) {
  if (path == "-" || path.find("://") != std::string::npos || fs::path(path).is_absolute()) return path;
  return (folder / path).lexically_normal().string();
}

/// Reads a part of the file; what is wrong with it is said with the place of `key`.
template <class Read>
auto placed(const ConfigTable& table, const std::string& key, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(Code::config, concat(table.where(key), ": ", error.what()), error.hint());
  }
}

ReadRequest read_data(const ConfigTable& data, const fs::path& folder) {
  ReadRequest request;
  request.path = resolve(data.text("path"), folder);
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

std::optional<Expression> read_split(const ConfigTable& config) {
  if (!config.has("split")) return std::nullopt;
  const ConfigTable split = config.table("split");
  const std::string test = split.text("test");
  return placed(split, "test", [&] { return Expression::parse(test); });
}

std::optional<ImpostorPlan> read_impostors(const ConfigTable& config, uint64_t seed) {
  if (!config.has("impostors")) return std::nullopt;
  const ConfigTable table = config.table("impostors");
  if (!config.has("split")) table.fail_at("group", "impostors are mixed into test rows: a [split] is needed");
  ImpostorPlan plan;
  plan.group = table.text("group");
  plan.label = table.text("label", plan.label);
  plan.genuine = table.text("genuine", plan.genuine);
  plan.impostor = table.text("impostor", plan.impostor);
  plan.min_train_rows = table.integer("min_train_rows", plan.min_train_rows, 1);
  plan.seed = static_cast<uint64_t>(table.integer("seed", static_cast<int64_t>(seed), 0));
  return plan;
}

FitPlan read_model(const ConfigTable& model, const Registry& registry, uint64_t seed) {
  FitPlan fit;
  const std::string name = model.text("name");
  fit.learner = &placed(model, "name", [&]() -> std::reference_wrapper<const Learner> { return registry.at(name); }).get();
  const ConfigTable params = model.table("params");
  for (const std::string& key : params.keys()) {
    placed(params, key, [&] { return fit.learner->params().resolve({{key, params.json(key)}}); });
  }
  fit.params = placed(model, "params", [&] { return fit.learner->params().resolve(params.json()); });
  fit.min_rows = model.integer("min_rows", 8, 1);
  fit.seed = seed;
  return fit;
}

/// [threshold]: the rule, and which scores it learns from.
void read_threshold(const ConfigTable& threshold, PipelinePlan& plan) {
  const std::string method = threshold.choice("method", "mean_std", {"mean_std", "quantile", "contamination", "fixed"});
  if (method == "fixed" && !threshold.has("k")) {
    threshold.fail_at("method", "'fixed' needs k, the cutoff itself", "add k = 1.5");
  }
  const double k = threshold.has("k") ? threshold.real("k") : ThresholdRule::usual_k(method);
  plan.threshold = placed(threshold, "k", [&] { return ThresholdRule::parse(method, k); });
  const std::string scores = threshold.choice("scores", "training", {"training", "held_out"});
  plan.folds = static_cast<int>(threshold.integer("folds", 5, 2, kMaxFolds));
  if (scores == "training") plan.folds = 0;
}

LabelPlan read_label(const ConfigTable& config, const std::optional<ImpostorPlan>& impostors) {
  if (impostors && config.has("label")) {
    config.table("label").fail_at("", "[impostors] write a label of their own", "leave out one of the two");
  }
  if (impostors) return {impostors->label, impostors->impostor, impostors->genuine};
  if (!config.has("label")) return {};
  const ConfigTable label = config.table("label");
  return {label.text("column"), label.text("anomaly"), label.text("normal", "")};
}

/// The steps; a mistake within one is placed at its [[recipe]].
Recipe read_recipe(const ConfigTable& config) {
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

PipelinePlan read_pipeline(const ConfigTable& config, const Registry& registry, uint64_t seed,
                           const std::optional<ImpostorPlan>& impostors) {
  const ConfigTable model = config.table("model");
  PipelinePlan plan;
  plan.recipe = read_recipe(config);
  plan.features = model.texts("features");
  plan.per = model.text("per", "");
  plan.fit = read_model(model, registry, seed);
  read_threshold(config.table("threshold"), plan);
  plan.label = read_label(config, impostors);
  return plan;
}

std::optional<TracksPlan> read_tracks(const ConfigTable& report) {
  if (!report.has("tracks")) return std::nullopt;
  const ConfigTable tracks = report.table("tracks");
  return TracksPlan{tracks.text("by"), tracks.text("latitude", "latitude"), tracks.text("longitude", "longitude"),
                    tracks.text("time", "timestamp")};
}

std::vector<Criterion> read_criteria(const ConfigTable& success, const LabelPlan& label) {
  std::vector<Criterion> criteria;
  for (const std::string& metric : metric_names()) {
    if (success.has(metric)) criteria.push_back({metric, success.real(metric)});
  }
  if (!criteria.empty() && label.column.empty()) {
    success.fail_at(criteria.front().metric, "there is no label to measure it by", "add a table [label] or [impostors]");
  }
  return criteria;
}

/// Every column that is named outside the recipe.
std::vector<ColumnMention> read_uses(const ConfigTable& config, const Project& project) {
  using Stage = ColumnMention::Stage;
  std::vector<ColumnMention> uses;
  const auto add = [&](Stage stage, const char* table, const char* key, const std::string& column) {
    if (!column.empty()) uses.push_back({stage, column, concat(config.table(table).where(key), ": [", table, "] ", key)});
  };
  if (project.impostors) add(Stage::prepared, "impostors", "group", project.impostors->group);
  if (!project.impostors) add(Stage::prepared, "label", "column", project.pipeline.label.column);
  add(Stage::prepared, "model", "per", project.pipeline.per);
  for (const std::string& slice : project.slices) add(Stage::scored, "report", "slices", slice);
  if (!project.tracks) return uses;
  const ConfigTable tracks = config.table("report").table("tracks");
  const auto add_track = [&](Stage stage, const char* key, const std::string& column) {
    uses.push_back({stage, column, concat(tracks.where(key), ": [report.tracks] ", key)});
  };
  add_track(Stage::prepared, "by", project.tracks->by);
  add_track(Stage::events, "by", project.tracks->by);
  add_track(Stage::events, "latitude", project.tracks->latitude);
  add_track(Stage::events, "longitude", project.tracks->longitude);
  return uses;
}

/// A misspelt section is named as such, before its keys are missed.
void require_known_sections(const ConfigTable& config) {
  static const std::vector<std::string> known{"seed",  "project",   "data",   "recipe",  "split", "impostors",
                                              "label", "threshold", "report", "success", "model"};
  for (const std::string& key : config.keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = nearest_name(key, known);
    throw Error(Code::config, concat(config.where(key), ": unknown key '", key, "'"),
                nearest.empty() ? "docs/projects.md lists every key" : concat("did you mean '", nearest, "'?"));
  }
}

}  // namespace

Project Project::load(const std::string& path, const std::vector<std::string>& sets, const Registry& registry) {
  const Config config = Config::load(path, sets);
  require_known_sections(config);
  const fs::path folder = fs::path(path).parent_path();
  const ConfigTable about = config.table("project");
  Project project;
  project.seed = static_cast<uint64_t>(config.integer("seed", 0, 0));
  project.name = about.text("name", fs::path(path).stem().string());
  project.question = about.text("question", "");
  const std::string output = about.text("output", "");
  project.output = output.empty() ? "runs/" + fs::path(path).stem().string() : resolve(output, folder);
  project.data = read_data(config.table("data"), folder);
  project.test_rows = read_split(config);
  project.impostors = read_impostors(config, project.seed);
  project.pipeline = read_pipeline(config, registry, project.seed, project.impostors);
  const ConfigTable report = config.table("report");
  project.slices = report.texts("slices");
  project.top = report.integer("top", project.top, 0, 1000);
  project.tracks = read_tracks(report);
  project.criteria = read_criteria(config.table("success"), project.pipeline.label);
  project.uses = read_uses(config, project);
  config.require_all_known();
  return project;
}

}  // namespace crisp
