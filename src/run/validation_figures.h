/// The figures of the validation rows that a training by rounds or epochs tells beside its loss.
#pragma once

#include <optional>
#include <vector>

#include "core/params.h"
#include "train/target.h"
#include "train/training_run.h"

namespace crisp {

/// Of the parameters "stopping_metric" and "metrics", before there are rows: Code::usage naming the nearest for a metric that is not known,
/// Code::config for one of another task, where the task is known.
void check_validation_figures(const Params& params, std::optional<Task> task);

/// Code::config where one of them is of another task or number of classes.
void require_fitting_figures(const Params& params, const Target& target);

/// Those of the parameters, for validation rows whose truths are `truth` (numbers, or indices of the target's classes). None where the learner has
/// no such parameters, or the loss alone is asked for.
ValidationFigures validation_figures(const Params& params, const Target& target, const std::vector<double>& truth);

}  // namespace crisp
