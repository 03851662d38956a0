/// What `train` and `run` do with a project: fit, judge, write, stop and go on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/processes.h"
#include "run/prediction_project.h"
#include "run/run_project.h"
#include "tools/program.h"

namespace crisp {

struct TrainingFlags {
  std::string output, checkpoint_every = "60 s";
  bool force = false, resume = false, spot = false;
};

/// --force, --resume, --checkpoint-every and --spot.
void add_training_flags(CLI::App& verb, TrainingFlags& flags);

/// A detector's rows, read already or not: how it is fitted on them, and what tells them from others.
struct DetectorRows {
  std::function<RunResult(Exec& exec, TrainingRun run, PhaseClock& clock)> fit;
  std::function<std::string()> fingerprint;
};

/// Both write the run directory and prints; Code::gate where a success criterion of the project is not met.
/// Of several processes the first one does, the others train with it.
void train_predictor(const Program& program, const PredictionProject& project, const TrainingFlags& flags, const Processes& all);
void train_detector(const Program& program, const Project& project, const DetectorRows& rows, const TrainingFlags& flags, const Processes& all);

}  // namespace crisp
