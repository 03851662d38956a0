/// The figure that a net's early stopping goes by, where it is not the loss.
#pragma once

#include <optional>
#include <vector>

#include "core/params.h"
#include "train/target.h"
#include "train/training_run.h"

namespace crisp {

/// From the parameter "stopping_metric", for validation rows whose truths are `truth` (numbers, or indices of the target's classes).
/// Nothing where it says "loss" or the learner has no such parameter. Code::usage naming the nearest for a metric that is not known,
/// Code::config for one of another task or number of classes.
std::optional<WatchedFigure> watched_figure(const Params& params, const Target& target, const std::vector<double>& truth);

}  // namespace crisp
