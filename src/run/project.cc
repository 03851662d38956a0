#include "run/project.h"

#include "core/config.h"
#include "cuda/error.h"

namespace crisp {
namespace {

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

PipelinePlan read_pipeline(const ProjectFile& file, const Registry& registry, const std::optional<ImpostorPlan>& impostors) {
  const ConfigTable model = file.config.table("model");
  PipelinePlan plan;
  plan.recipe = file.recipe();
  plan.features = model.texts("features");
  plan.per = model.text("per", "");
  plan.fit.learner = &file.learner(model.text("name"), registry);
  plan.fit.params = file.params(*plan.fit.learner);
  plan.fit.min_rows = model.integer("min_rows", 8, 1);
  plan.fit.seed = file.seed();
  read_threshold(file.config.table("threshold"), plan);
  plan.label = read_label(file.config, impostors);
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

}  // namespace

Project Project::read(const ProjectFile& file, const Registry& registry) {
  const Config& config = file.config;
  Project project;
  project.seed = file.seed();
  project.name = file.name();
  project.question = file.question();
  project.output = file.output();
  project.data = file.data();
  project.test_rows = read_split(config);
  project.impostors = read_impostors(config, project.seed);
  project.pipeline = read_pipeline(file, registry, project.impostors);
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
