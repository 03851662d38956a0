/// crisp train DATA: a detector on a table, or with --target a predicting model, saved with its report.
#include <CLI/CLI.hpp>

#include "core/log.h"
#include "run/prediction_directory.h"
#include "run/run_directory.h"
#include "tools/table_flags.h"
#include "tools/target_flags.h"

namespace crisp {
namespace {

struct TrainFlags : TableFlags {
  TargetFlags predict;
  std::string output = "runs/model";
  bool force = false;
};

void train(const Program& program, const TrainFlags& flags) {
  OutputDirectory directory(flags.output, flags.force);
  const LogFile log(fresh_log(directory));
  const auto exec = program.make_exec();
  PhaseClock clock;
  const RunResult result = run_table(*exec, program, flags, Json::object(), clock);
  const Json document = run_json(result);
  write_run(*exec, directory, result, document, clock);
  program.print_json(document);
  program.print(run_text(result, directory.file("report.html")));
}

/// The columns that the model does not see, and why.
void tell_left_out(const PredictionResult& result) {
  std::string names;
  for (const LeftOut& left : result.left_out) names += concat(names.empty() ? "" : ", ", left.column, " (", left.why, ")");
  if (!names.empty()) note("not learned from: ", names);
}

void train_predictor(const Program& program, const TrainFlags& flags, bool model_given) {
  const PredictionProject project = prediction_project(program, flags, flags.predict, model_given);
  OutputDirectory directory(flags.output, flags.force);
  const LogFile log(fresh_log(directory));
  const auto exec = program.make_exec();
  PhaseClock clock;
  TrainingRun run;
  run.directory = directory.path();
  run.show = !program.json;
  const PredictionResult result = run_prediction(*exec, project, program.registry, std::move(run), clock);
  tell_left_out(result);
  const Json document = prediction_json(result);
  write_prediction_run(*exec, directory, result, document, clock);
  program.print_json(document);
  program.print(prediction_run_text(result, directory.file("report.html")));
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* verb = app.add_subcommand("train", "Train a model on a table and save it: a detector, or with --target what predicts a column");
  add_table_flags(*verb, *flags);
  verb->add_option("-o,--output", flags->output, "The run directory")->capture_default_str();
  verb->add_flag("--force", flags->force, "Write into a folder that holds something");
  add_target_flags(*verb, flags->predict);
  add_global_flags(*verb, program);
  verb->callback([&program, flags, verb] {
    require_fitting_flags(*verb, flags->predict);
    flags->predict.target.empty() ? train(program, *flags) : train_predictor(program, *flags, verb->count("--model") > 0);
  });
}

}  // namespace crisp
