#include "tools/target_flags.h"

#include <CLI/CLI.hpp>

#include "core/memory_size.h"
#include "core/printable.h"
#include "cuda/error.h"

namespace crisp {
namespace {

/// Flags that say something about a target only, and those that say something about a detector only.
constexpr const char* kOfTargets[] = {"--task",  "--positive",   "--weight", "--init-from", "--freeze", "--group",            "--time",       "--split-column",
                                      "--test-value", "--test",  "--valid",            "--test-share", "--validation-share",
                                      "--cv",    "--refit",      "--horizon", "--lookback", "--season", "--allow-leak",         "--find-rate",
                                      "--stream", "--memory-limit", "--calibrate", "--metrics"};
constexpr const char* kOfDetectors[] = {"--per", "--label", "--anomaly", "--threshold", "-k", "--cutoff"};

/// "below 1": CLI11's own range would take the ends.
std::string share_complaint(const std::string& text) {
  double share = 0;
  const bool number = CLI::detail::lexical_cast(text, share);
  return number && share > 0 && share < 1 ? std::string() : concat("'", text, "' is not a share between 0 and 1, as 0.2 is");
}

std::string size_complaint(const std::string& text) {
  return parse_memory_size(text) > 0 ? std::string() : concat("'", text, "' is no size such as 512M or 8G");
}

}  // namespace

void add_target_flags(CLI::App& verb, TargetFlags& flags) {
  CLI::Option_group& group = *verb.add_option_group("To predict a column");
  group.add_option("--target", flags.target, "The column to predict: trains a predicting model, not a detector")->check(blank_complaint);
  group.add_option("--task", flags.task, "regression, classification or forecast; by default one of the first two, found from the target's values");
  group.add_option("--positive", flags.positive, "Of two classes the one looked for; default the last in order")->check(blank_complaint);
  group.add_option("--weight", flags.weight, "A column of numbers that says how much each row counts in training")->check(blank_complaint);
  group.add_option("--group", flags.group, "Rows with one value of this column stay on one side of the split; forecast: are one series")->check(blank_complaint);
  group.add_option("--time", flags.time, "Test by the latest rows in the order of this column; forecast: the order of the rows")->check(blank_complaint);
  group.add_option("--horizon", flags.horizon, "Forecast: so many values ahead")->check(CLI::Range(int64_t{1}, kMostHorizon));
  group.add_option("--lookback", flags.lookback, "Forecast: from so many rows; default two seasons, and no fewer than the horizon")
      ->check(CLI::Range(int64_t{1}, kMostLookback));
  group.add_option("--season", flags.season, "Forecast: rows after which the series comes again; default by the step of --time")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  CLI::Option* column =
      group.add_option("--split-column", flags.split_column, "A column that says of each row: train, validation or test")->check(blank_complaint);
  group.add_option("--test-value", flags.test_value, "The split column's value for rows to test; default test, true or 1")
      ->check(blank_complaint)
      ->needs(column);
  CLI::Option* test = group.add_option("--test", flags.test, "Rows to test, a table of their own")->check(blank_complaint)->excludes(column);
  group.add_option("--valid", flags.valid, "Rows that say when to stop, a table of their own")->check(blank_complaint);
  CLI::Option* share = group.add_option("--test-share", flags.test_share, "Share of the rows to test; default 0.2, at most 50,000 rows")
      ->check(share_complaint)
      ->excludes(column)
      ->excludes(test);
  group.add_option("--validation-share", flags.validation_share,
                   "Share of the rest that says when to stop, for models that do; default 0.1, at most 20,000 rows")
      ->check(share_complaint);
  group.add_option("--cv", flags.folds, "Judge by so many folds, then learn from all rows")
      ->check(CLI::Range(2, kMaxFolds))
      ->excludes(test)
      ->excludes(share);
  group.add_option("--refit", flags.refit, "all: learn once more from all rows after judging")
      ->check(CLI::IsMember({"none", "all"}))
      ->capture_default_str();
  group.add_option("--calibrate", flags.calibrate, "Map the probabilities of classes to those that come true: isotonic, or sigmoid (Platt's)")
      ->check(CLI::IsMember({"none", "isotonic", "sigmoid", "platt"}))
      ->capture_default_str();
  group.add_option("--init-from", flags.init_from, "A run directory or a .safetensors file to begin the training from (nets)")
      ->check(blank_complaint);
  group.add_option("--freeze", flags.freeze, "Arrays of the net that stay as they begin, as in \"embeddings.*,layers.0.*\"")
      ->delimiter(',')
      ->check(blank_complaint);
  group.add_option("--metrics", flags.metrics, "Figures of the validation rows to tell each round or epoch, as in roc_auc,log_loss (gbdt, mlp)")
      ->delimiter(',')
      ->check(blank_complaint);
  group.add_option("--stream", flags.stream,
                   "Nets and gbdt, of Parquet: auto reads a table in parts that would take more than the memory limit; always; never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  group.add_option("--memory-limit", flags.memory_limit, "What the rows may take before a table is read in parts, and then; default half of the memory")
      ->check(size_complaint);
  group.add_flag("--allow-leak", flags.allow_leak, "Let a group, or later times, stand among the rows to learn from and to test");
}

void require_fitting_flags(const CLI::App& verb, const TargetFlags& flags) {
  if (flags.target.empty()) {
    for (const char* flag : kOfTargets) {
      if (verb.count(flag) == 0) continue;
      throw Error(Code::usage, concat(flag, " goes with --target, and there is none"), "name the column to predict: --target COLUMN");
    }
    return;
  }
  for (const char* flag : kOfDetectors) {
    if (verb.count(flag) == 0) continue;
    throw Error(Code::usage, concat(flag, " is a detector's flag, and --target makes a predicting model"), "leave one of the two out");
  }
}

namespace {

/// What a forecast alone is told, on the command line.
ForecastPlan forecast_plan(const TargetFlags& flags, const std::optional<Task>& task) {
  const bool forecast = task == Task::forecast;
  for (const auto& [flag, value] : {std::pair{"--horizon", flags.horizon}, {"--lookback", flags.lookback}, {"--season", flags.season}}) {
    if (forecast || value == 0) continue;
    throw Error(Code::usage, concat(flag, " is a forecast's flag"), "add --task forecast, or leave it out");
  }
  if (forecast && flags.horizon == 0) {
    throw Error(Code::usage, "--task forecast needs to know how many values ahead", "add --horizon ROWS");
  }
  return {flags.horizon, flags.lookback, flags.season, flags.time, flags.group};
}

}  // namespace

PredictionProject prediction_project(const Program& program, const TableFlags& table, const TargetFlags& flags, bool model_given) {
  refuse_model_as_data(table.data);
  PredictionProject project;
  project.name = concat("Predicting ", flags.target, " of ", data_name(table.data));
  project.data.path = table.data;
  project.test_path = flags.test;
  project.validation_path = flags.valid;
  project.target.column = flags.target;
  if (!flags.task.empty()) project.target.task = parse_task(flags.task);
  CRISP_REQUIRE(project.target.task != Task::anomaly, Code::usage, "--task anomaly has no --target; --label COLUMN judges a detector");
  project.target.positive = flags.positive;
  project.weight = flags.weight;
  project.forecast = forecast_plan(flags, project.target.task);
  project.split = {flags.group, flags.time, flags.split_column, flags.test_value, flags.test_share, flags.validation_share,
                   false,       flags.allow_leak, table.seed};
  project.folds = flags.folds;
  project.refit = flags.refit == "all" ? Refit::all : Refit::none;
  project.calibration = parse_calibration_method(flags.calibrate);
  project.learner = &predicting_learner(program.registry, model_given ? table.model : usual_predictor(project.target), project.target);
  project.init_from = flags.init_from;
  Json given = given_params(table.sets, Json::object());
  if (!flags.freeze.empty()) {
    CRISP_REQUIRE(project.learner->takes_start(), Code::config, "--freeze: ", project.learner->name(), " has no arrays to freeze; nets have");
    given["freeze"] = flags.freeze;
  }
  if (!flags.metrics.empty()) {
    CRISP_REQUIRE(project.learner->params().has("metrics"), Code::config, "--metrics: ", project.learner->name(),
                  " has no rounds or epochs to tell figures of; gbdt and mlp have");
    given["metrics"] = flags.metrics;
  }
  project.params = project.learner->params().resolve(given);
  project.learner->check(project.params);
  project.features = table.features;
  project.stream = StreamPlan::parse(flags.stream, flags.memory_limit);
  project.seed = table.seed;
  project.check();
  return project;
}

}  // namespace crisp
