/// What a training leaves beside its model, and shows while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

class Peers;

/// When a checkpoint is due: whichever comes first; 0: not by that. Never part of what the model becomes.
struct CheckpointPlan {
  int64_t epochs = 0;
  int64_t steps = 0;
  double seconds = 60;
  int keep = 3;

  /// From "5 epochs", "1000 steps", "10 minutes", "30s", "never"; Code::usage for anything else.
  static CheckpointPlan parse(const std::string& text);
};

/// Figures of the answers for the validation rows, told each epoch beside the loss.
struct ValidationFigures {
  std::vector<std::string> names;  ///< "roc_auc" ...; none: the loss alone
  bool watched = false;            ///< early stopping goes by the first one instead of by the loss
  bool higher = false;             ///< of the first one: is better
  /// Of what a Scorer gives for the validation rows, in the order of their names; NaN where one is not defined.
  std::function<std::vector<double>(std::span<const double> scores)> of;
};

/// Of one fit. The default keeps nothing and shows nothing: folds of a cross-validation, tests.
struct TrainingRun {
  static constexpr const char* kCheckpoints = "checkpoints";
  static constexpr const char* kRefitCheckpoints = "checkpoints-refit";

  std::string directory;           ///< the run directory that checkpoints and TensorBoard's events go to; empty: nowhere
  std::string folder = kCheckpoints;  ///< of the checkpoints, in it
  bool curves = true;              ///< write TensorBoard's events
  std::string data_fingerprint;    ///< of the rows and the recipe: a checkpoint of others is refused
  bool resume = false;             ///< go on from the newest checkpoint, where there is one
  bool find_rate = false;          ///< a sweep of rising learning rates instead of a training; facts["rate_sweep"] tells it
  bool show = false;               ///< a bar on the terminal, notes on stderr
  Peers* peers = nullptr;          ///< other processes that train the same net; the first one alone is given a directory
  CheckpointPlan checkpoints;
  ValidationFigures figures;
  std::function<void(int64_t step)> after_step;  ///< called when a step is done, where given

  // What the fit tells.
  Json history = Json::array();    ///< one object an epoch (or round): epoch, train_loss, validation_loss, validation_roc_auc ..., rate
  Json facts = Json::object();     ///< best_epoch, epochs, steps, parameters, stopped: what the result depends on
  Json timings = Json::object();   ///< what it does not: rows_per_second, seconds of checkpoints ...
};

}  // namespace crisp
