/// What `train --target` and `run` do with a predicting project: fit, judge, write, stop and go on.
#pragma once

#include <string>

#include "core/processes.h"
#include "run/prediction_project.h"
#include "tools/program.h"

namespace crisp {

struct TrainingFlags {
  std::string output, checkpoint_every = "60 s";
  bool force = false, resume = false, spot = false;
};

/// --force, --resume, --checkpoint-every and --spot.
void add_training_flags(CLI::App& verb, TrainingFlags& flags);

/// Writes the run directory and prints; Code::gate where a success criterion of the project is not met.
/// Of several processes the first one does, the others train with it.
void train_predictor(const Program& program, const PredictionProject& project, const TrainingFlags& flags, const Processes& all);

/// Code::gate naming them, where there are any.
void require_met(const std::vector<std::string>& unmet);

}  // namespace crisp
