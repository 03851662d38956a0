#include "run/prediction_project.h"

#include <algorithm>
#include <functional>

#include "core/memory_size.h"
#include "core/processes.h"
#include "evaluate/prediction_metric.h"
#include "run/validation_figures.h"
#include "train/pipeline_plan.h"

namespace crisp {
namespace {

bool names(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// What only a detector has.
void refuse_detector_parts(const ConfigTable& config) {
  for (const char* section : {"label", "threshold", "impostors"}) {
    if (!config.has(section)) continue;
    throw Error(Code::config, concat(config.where(section), ": [", section, "] is of a detector, and [target] makes a predicting model"),
                "leave one of the two out");
  }
  for (const char* key : {"per", "min_rows"}) {
    if (config.table("model").has(key)) {
      config.table("model").fail_at(key, "is of a detector; what predicts a target is one model for all rows", "leave it out");
    }
  }
}

/// At most one of `keys` may be there.
void require_one_of(const ConfigTable& table, const std::vector<std::string>& keys) {
  std::string first;
  for (const std::string& key : keys) {
    if (!table.has(key)) continue;
    if (!first.empty()) table.fail_at(key, concat("'", first, "' says already which rows test"), "leave one of the two out");
    first = key;
  }
}

double share(const ConfigTable& table, const char* key) {
  if (!table.has(key)) return 0;
  const double value = table.real(key);
  if (!(value > 0 && value < 1)) table.fail_at(key, concat(value, " is not a share between 0 and 1, as 0.2 is"));
  return value;
}

TargetPlan read_target(const ConfigTable& target) {
  TargetPlan plan;
  plan.column = target.text("column");
  const std::string task = target.choice("task", "auto", {"auto", "regression", "classification", "forecast"});
  if (task != "auto") plan.task = parse_task(task);
  plan.positive = target.text("positive", "");
  return plan;
}

ForecastPlan read_forecast(const ConfigTable& target, const PredictionProject& project) {
  if (project.target.task != Task::forecast) return {};
  ForecastPlan plan;
  plan.horizon = target.integer("horizon", 0, 1, kMostHorizon);
  if (plan.horizon == 0) target.fail_at("task", "needs to know how many values ahead: add horizon = ROWS");
  plan.lookback = target.integer("lookback", 0, 1, kMostLookback);
  plan.season = target.integer("season", 0, 1, 1'000'000);
  return plan;
}

void read_split(const ProjectFile& file, PredictionProject& project) {
  const ConfigTable split = file.config.table("split");
  require_one_of(split, {"test", "column", "test_path", "test_share"});
  require_one_of(split, {"test", "test_path", "test_share", "folds"});
  SplitPlan& plan = project.split;
  if (split.has("test")) {
    const std::string test = split.text("test");
    project.test_rows = placed(split, "test", [&] { return Expression::parse(test); });
  }
  plan.group = split.text("group", "");
  plan.time = split.text("time", "");
  plan.column = split.text("column", "");
  plan.test_value = split.text("test_value", "");
  if (!plan.test_value.empty() && plan.column.empty()) split.fail_at("test_value", "is a value of 'column', and there is none");
  plan.test_share = share(split, "test_share");
  plan.validation_share = share(split, "validation_share");
  plan.allow_leak = split.flag("allow_leak", false);
  plan.seed = file.seed();
  project.folds = static_cast<int>(split.integer("folds", 0, 2, kMaxFolds));
  if (split.has("test_path")) project.test_path = file.resolved(split.text("test_path"));
  if (split.has("validation_path")) project.validation_path = file.resolved(split.text("validation_path"));
}

void read_model(const ProjectFile& file, const Registry& registry, PredictionProject& project) {
  const ConfigTable model = file.config.table("model");
  const std::string name = model.text("name", usual_predictor(project.target));
  project.learner = &placed(model, "name", [&] { return std::ref(predicting_learner(registry, name, project.target)); }).get();
  project.params = file.params(*project.learner);
  project.features = model.texts("features");
  const std::string init_from = model.text("init_from", "");
  if (!init_from.empty()) project.init_from = file.resolved(init_from);
  project.calibration = parse_calibration_method(model.choice("calibrate", "none", {"none", "isotonic", "sigmoid", "platt"}));
  project.refit = model.choice("refit", "none", {"none", "all"}) == "all" ? Refit::all : Refit::none;
}

StreamPlan read_stream(const ConfigTable& data) {
  const std::string when = data.choice("stream", "auto", {"auto", "always", "never"}), limit = data.text("memory_limit", "");
  return placed(data, "memory_limit", [&] { return StreamPlan::parse(when, limit); });
}

/// Every figure that can be asked for; one of the other task is found out early where the task is known.
std::vector<Criterion> read_criteria(const ConfigTable& success, const TargetPlan& target) {
  std::vector<Criterion> criteria;
  for (const std::string& metric : success.keys()) {
    const double bound = success.real(metric);
    placed(success, metric, [&] {
      const PredictionMetric& known = find_prediction_metric(metric);
      // A forecast is judged by the figures of numbers.
      const bool forecast = target.task == Task::forecast && known.task() == Task::regression;
      CRISP_REQUIRE(!target.task || known.task() == *target.task || forecast, Code::config, metric, " is a figure of a ", task_name(known.task()),
                    ", and this is a ", task_name(*target.task));
      criteria.push_back(Criterion::of(known.name, bound));
    });
  }
  return criteria;
}

/// Every column that is named outside the recipe.
std::vector<ColumnMention> read_uses(const ConfigTable& config, const PredictionProject& project) {
  std::vector<ColumnMention> uses;
  const auto add = [&](const char* table, const char* key, const std::string& column) {
    if (!column.empty()) uses.push_back({ColumnMention::Stage::prepared, column, concat(config.table(table).where(key), ": [", table, "] ", key)});
  };
  add("target", "column", project.target.column);
  add("target", "weight", project.weight);
  add("split", "group", project.split.group);
  add("split", "time", project.split.time);
  add("split", "column", project.split.column);
  for (const std::string& slice : project.slices) add("report", "slices", slice);
  return uses;
}

}  // namespace

const Learner& predicting_learner(const Registry& registry, const std::string& name, const TargetPlan& target) {
  const Learner& learner = registry.at(name);
  const bool fits = target.task ? learner.does(*target.task) : learner.does(Task::regression) || learner.does(Task::classification);
  if (!fits && !target.task && learner.does(Task::forecast)) {
    throw Error(Code::usage, concat(learner.name(), " forecasts the next values of a series"), "add --task forecast --horizon ROWS");
  }
  if (!fits) require_task(registry, learner, target.task.value_or(Task::classification));
  return learner;
}

StreamPlan StreamPlan::parse(const std::string& when, const std::string& memory_limit) {
  StreamPlan plan;
  if (when != "auto") plan.when = when == "always" ? Streaming::always : Streaming::never;
  CRISP_REQUIRE(when == "auto" || when == "always" || when == "never", Code::config, "'", when, "' is none of auto, always, never");
  if (memory_limit.empty()) return plan;
  plan.memory_limit = parse_memory_size(memory_limit);
  CRISP_REQUIRE(plan.memory_limit > 0, Code::config, "memory limit '", memory_limit, "': expected a size such as 512M or 8G");
  return plan;
}

Json StreamPlan::to_json() const {
  return {{"when", when == Streaming::automatic ? "auto" : when == Streaming::always ? "always" : "never"}, {"memory_limit", memory_limit}};
}

std::vector<std::string> PredictionProject::excluded() const {
  std::vector<std::string> columns;
  if (!weight.empty()) columns.push_back(weight);
  for (const std::string& name : {split.group, split.time, split.column}) {
    if (!name.empty() && !names(features, name)) columns.push_back(name);
  }
  return columns;
}

Params PredictionProject::fitted_params(const Json& facts) const {
  Json again = params.to_json();
  again.update(learner->refit_params(facts));
  return learner->params().resolve(again);
}

std::string PredictionProject::stream_obstacle() const {
  if (forecast) return "a forecast";
  if (!learner->streams()) return concat("the model ", learner->name());
  if (find_processes().several() && !learner->in_processes()) return concat("the model ", learner->name(), " in several processes");
  for (const auto& [given, what] : {std::pair{folds > 0, "--cv"}, {refit == Refit::all, "--refit all"}, {!split.column.empty(), "--split-column"},
                                    {!split.group.empty(), "--group"}, {!split.time.empty(), "--time"}, {test_rows.has_value(), "[split] test"},
                                    {!weight.empty(), "--weight"}, {calibration != CalibrationMethod::none, "--calibrate"}}) {
    if (given) return what;
  }
  return "";
}

/// What a forecast has no use for: it is tested by the latest rows, and reads all of them alike.
void PredictionProject::check_forecast() const {
  const auto refuse = [](bool given, const char* what) {
    if (!given) return;
    throw Error(Code::usage, concat(what, " does not go with a forecast, which is tested by the latest rows"), "leave it out; a test share sets how many");
  };
  refuse(folds > 0, "--cv");
  refuse(!test_path.empty() || test_rows, "--test");
  refuse(!validation_path.empty(), "--valid");
  refuse(!split.column.empty(), "--split-column");
  refuse(calibration != CalibrationMethod::none, "--calibrate");
  CRISP_REQUIRE(weight.empty(), Code::usage, "a forecast does not weigh its rows: leave the weight out");
  CRISP_REQUIRE(params.to_json().value("stopping_metric", "loss") == "loss", Code::config, "a forecast stops by its loss: leave stopping_metric out");
  CRISP_REQUIRE(params.to_json().value("metrics", "").empty(), Code::config, "a forecast tells its loss each epoch: leave metrics out");
  CRISP_REQUIRE(init_from.empty(), Code::usage, "a forecast does not begin from an earlier model: leave --init-from out");
}

void PredictionProject::check() const {
  if (const std::string what = stream_obstacle(); stream.when == Streaming::always && !what.empty()) {
    throw Error(Code::usage, concat(what, " does not go with a table that is read in parts (--stream always)"),
                "a random split, --test and --valid do; leave it out, or have the table in memory (--stream never)");
  }
  check_validation_figures(params, forecast ? std::nullopt : target.task);
  if (forecast) return check_forecast();  // its features may name the target: its past is one
  if (names(features, target.column)) {
    throw Error(Code::usage, concat("'", target.column, "' is the target and stands among the features too"),
                "a model that reads what it is to predict learns nothing; leave it out of the features");
  }
  if (calibration != CalibrationMethod::none && target.task == Task::regression) {
    throw Error(Code::usage, "--calibrate is for probabilities, and this predicts a number", "leave it out");
  }
  if (calibration != CalibrationMethod::none && !init_from.empty()) {
    throw Error(Code::usage, "--calibrate does not go with --init-from: the model to begin from may know the rows to calibrate by", "leave one of the two out");
  }
  if (!init_from.empty() && !learner->takes_start()) {
    throw Error(Code::config, concat(learner->name(), " does not begin from an earlier model"), "choose a net: mlp");
  }
  if (weight.empty()) return;
  CRISP_REQUIRE(weight != target.column, Code::usage, "'", weight, "' cannot be both the target and the weight of the rows");
  if (names(features, weight)) {
    throw Error(Code::usage, concat("'", weight, "' is the weight of the rows and stands among the features too"),
                "leave it out of the features, or out of the weight");
  }
  if (!learner->weighs_rows()) {
    throw Error(Code::config, concat(learner->name(), " cannot weigh rows"), "leave the weight out, or choose another model");
  }
}

PredictionProject PredictionProject::read(const ProjectFile& file, const Registry& registry) {
  const Config& config = file.config;
  refuse_detector_parts(config);
  const ConfigTable target = config.table("target"), report = config.table("report");
  PredictionProject project;
  project.seed = file.seed();
  project.name = file.name();
  project.question = file.question();
  project.output = file.output();
  project.data = file.data();
  project.stream = read_stream(config.table("data"));
  project.target = read_target(target);
  project.weight = target.text("weight", "");
  read_split(file, project);
  project.forecast = read_forecast(target, project);
  read_model(file, registry, project);
  if (config.has("recipe")) project.recipe = file.recipe();
  project.slices = report.texts("slices");
  project.criteria = read_criteria(config.table("success"), project.target);
  project.uses = read_uses(config, project);
  placed(target, project.weight.empty() ? "column" : "weight", [&] { project.check(); });
  config.require_all_known();
  return project;
}

}  // namespace crisp
