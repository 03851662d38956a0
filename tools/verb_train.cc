/// crisp train DATA: a detector on a table, or with --target a predicting model, saved with its report.
#include <CLI/CLI.hpp>

#include "run/learning_rate_finder.h"
#include "table/fingerprint.h"
#include "tools/table_flags.h"
#include "tools/target_flags.h"
#include "tools/together.h"
#include "tools/training.h"

namespace crisp {
namespace {

struct TrainFlags : TableFlags {
  TargetFlags predict;
  TrainingFlags training{.output = "runs/model"};
  bool find_rate = false;
};

void find_rate(const Program& program, const PredictionProject& project) {
  const auto exec = program.make_exec();
  PhaseClock clock;
  const FoundRate found = find_learning_rate(*exec, project, program.registry, clock);
  program.print_json(found_rate_json(found));
  program.print(found_rate_text(found));
}

void train_table(const Program& program, const TrainFlags& flags, const Processes& all) {
  const DetectorTable read = read_detector_table(program, flags, Json::object());
  const auto fit = [&](Exec& exec, TrainingRun run, PhaseClock& clock) {
    return run_on_table(exec, read.project, read.table, read.reading, clock, std::move(run));
  };
  train_detector(program, read.project, {fit, [&] { return table_fingerprint(read.table); }}, flags.training, all);
}

void train_any(const Program& program, const TrainFlags& flags, bool model_given) {
  const Processes all = find_processes();
  as_one_of(all, [&] {
    if (flags.predict.target.empty()) return train_table(program, flags, all);
    const PredictionProject project = prediction_project(program, flags, flags.predict, model_given);
    if (!flags.find_rate) return train_predictor(program, project, flags.training, all);
    if (all.first()) find_rate(program, project);
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
  verb->add_flag("--find-rate", flags->find_rate, "Train nothing: look which learning rate suits the net and the table")
      ->excludes(verb->get_option("--resume"));
  add_global_flags(*verb, program);
  verb->callback([&program, flags, verb] {
    require_fitting_flags(*verb, flags->predict);
    train_any(program, *flags, verb->count("--model") > 0);
  });
}

}  // namespace crisp
