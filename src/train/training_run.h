/// What a training leaves beside its model, and shows while it runs.
#pragma once

#include <cstdint>
#include <string>

#include "core/json.h"

namespace crisp {

/// Of one fit. The default keeps nothing and shows nothing: folds of a cross-validation, tests.
struct TrainingRun {
  std::string directory;           ///< the run directory that checkpoints and TensorBoard's events go to; empty: nowhere
  std::string data_fingerprint;    ///< of the rows and the recipe: a checkpoint of others is refused
  bool resume = false;             ///< go on from the newest checkpoint
  bool show = false;               ///< a bar on the terminal, notes on stderr

  // What the fit tells.
  Json history = Json::array();    ///< one object an epoch (or round): epoch, train_loss, validation_loss, rate, seconds ...
  Json facts = Json::object();     ///< best_epoch, stopped_early, parameters, steps, ...
};

}  // namespace crisp
