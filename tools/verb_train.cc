/// crisp train DATA: a detector on a table, or with --target a predicting model, saved with its report.
#include <CLI/CLI.hpp>

#include <optional>

#include "core/log.h"
#include "run/run_directory.h"
#include "tools/predictor_training.h"
#include "tools/table_flags.h"
#include "tools/target_flags.h"
#include "tools/together.h"

namespace crisp {
namespace {

struct TrainFlags : TableFlags {
  TargetFlags predict;
  TrainingFlags training{.output = "runs/model"};
};

void train(const Program& program, const TrainFlags& flags, Together& together) {
  std::optional<OutputDirectory> directory;
  std::optional<LogFile> log;
  together.begin([&] {
    directory.emplace(flags.training.output, flags.training.force);
    log.emplace(fresh_log(*directory));
    return true;
  });
  const auto exec = together.make_exec(program);
  PhaseClock clock;
  const RunResult result = run_table(*exec, program, flags, Json::object(), clock, together.peers());
  if (!directory) return;
  const Json document = run_json(result);
  write_run(*exec, *directory, result, document, clock);
  program.print_json(document);
  program.print(run_text(result, directory->file("report.html")));
}

void train_any(const Program& program, const TrainFlags& flags, bool model_given) {
  const Processes all = find_processes();
  as_one_of(all, [&] {
    if (!flags.predict.target.empty()) {
      return train_predictor(program, prediction_project(program, flags, flags.predict, model_given), flags.training, all);
    }
    Together together(all, program.registry.at(flags.model), flags.data);
    if (!together.idle()) train(program, flags, together);
  });
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* verb = app.add_subcommand("train", "Train a model on a table and save it: a detector, or with --target what predicts a column");
  add_table_flags(*verb, *flags);
  verb->add_option("-o,--output", flags->training.output, "The run directory")->capture_default_str();
  add_target_flags(*verb, flags->predict);
  add_training_flags(*verb, flags->training);
  add_global_flags(*verb, program);
  verb->callback([&program, flags, verb] {
    require_fitting_flags(*verb, flags->predict);
    train_any(program, *flags, verb->count("--model") > 0);
  });
}

}  // namespace crisp
