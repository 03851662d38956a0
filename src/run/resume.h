/// Going on with a training that was stopped.
#pragma once

#include "core/output_directory.h"
#include "run/prediction_project.h"

namespace crisp {

/// Notes in the run directory what is trained ("request.json"), or where `resume` says so compares: Code::data naming what differs
/// from what the run was begun with, or saying that there is nothing to go on with.
void note_request(const OutputDirectory& directory, const PredictionProject& project, bool resume);

/// The run's own bundle is there now: it may have taken the place of another one.
void note_end(const OutputDirectory& directory, const PredictionProject& project);

/// Whether the folder holds a run of just this project, finished or not.
bool was_begun(const std::string& folder, const PredictionProject& project);

/// Whether the run came to its end: its bundle stands there, made from the rows that the project's files hold now.
/// Code::data where they are others.
bool is_finished(const OutputDirectory& directory, const PredictionProject& project);

/// Whether a checkpoint is there: such a folder is worth keeping when a run fails.
bool has_checkpoint(const OutputDirectory& directory);

}  // namespace crisp
