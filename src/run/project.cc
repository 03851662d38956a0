#include "run/project.h"

#include <algorithm>
#include <filesystem>

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

ReadRequest read_data(const ConfigTable& data, const fs::path& folder) {
  ReadRequest request;
  request.path = resolve(data.text("path"), folder);
  request.columns = data.texts("columns");
  const std::vector<std::string> missing = data.texts("missing");
  if (!missing.empty()) request.csv.missing = missing;
  request.csv.timestamp_formats = data.texts("timestamp_formats");
  const ConfigTable types = data.table("types");
  for (const std::string& column : types.keys()) request.types[column] = parse_column_type(types.text(column));
  return request;
}

std::optional<Expression> read_split(const ConfigTable& config) {
  if (!config.has("split")) return std::nullopt;
  return Expression::parse(config.table("split").text("test"));
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
  fit.learner = &registry.at(model.text("name"));
  const Json params = model.json("params");
  fit.params = fit.learner->params().resolve(params.is_null() ? Json::object() : params);
  fit.min_rows = model.integer("min_rows", 8, 1);
  fit.seed = seed;
  return fit;
}

/// [threshold]: the rule, and which scores it learns from.
void read_threshold(const ConfigTable& threshold, PipelinePlan& plan) {
  const std::string method = threshold.choice("method", "mean_std", {"mean_std", "quantile", "contamination", "fixed"});
  plan.threshold = ThresholdRule::parse(method, threshold.has("k") ? threshold.real("k") : ThresholdRule::usual_k(method));
  const std::string scores = threshold.choice("scores", "training", {"training", "held_out"});
  plan.folds = static_cast<int>(threshold.integer("folds", 5, 2, 100));
  if (scores == "training") plan.folds = 0;
}

LabelPlan read_label(const ConfigTable& config, const std::optional<ImpostorPlan>& impostors) {
  if (impostors) return {impostors->label, impostors->impostor, impostors->genuine};
  if (!config.has("label")) return {};
  const ConfigTable label = config.table("label");
  return {label.text("column"), label.text("anomaly"), label.text("normal", "")};
}

PipelinePlan read_pipeline(const ConfigTable& config, const Registry& registry, uint64_t seed,
                           const std::optional<ImpostorPlan>& impostors) {
  const ConfigTable model = config.table("model");
  PipelinePlan plan;
  const Json steps = config.json("recipe");
  plan.recipe = Recipe::parse(steps.is_null() ? Json::array() : steps);
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

std::vector<std::pair<std::string, double>> read_criteria(const ConfigTable& success) {
  static const std::vector<std::string> metrics{"accuracy", "balanced_accuracy", "roc_auc", "average_precision",
                                                "precision", "recall", "specificity", "f1"};
  std::vector<std::pair<std::string, double>> criteria;
  for (const std::string& metric : metrics) {
    if (success.has(metric)) criteria.emplace_back(metric, success.real(metric));
  }
  return criteria;
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
  project.output = about.text("output", "runs/" + fs::path(path).stem().string());
  project.data = read_data(config.table("data"), folder);
  project.test_rows = read_split(config);
  project.impostors = read_impostors(config, project.seed);
  project.pipeline = read_pipeline(config, registry, project.seed, project.impostors);
  const ConfigTable report = config.table("report");
  project.slices = report.texts("slices");
  project.top = report.integer("top", project.top, 0, 1000);
  project.tracks = read_tracks(report);
  project.criteria = read_criteria(config.table("success"));
  config.require_all_known();
  return project;
}

}  // namespace crisp
