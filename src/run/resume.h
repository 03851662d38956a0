/// Going on with a training that was stopped.
#pragma once

#include <functional>
#include <string>

#include "core/json.h"
#include "core/output_directory.h"
#include "run/prediction_project.h"
#include "run/project.h"

namespace crisp {

/// What the result depends on, as it was asked for: the rows left aside.
Json request_of(const PredictionProject& project);
Json request_of(const Project& project);

/// Notes in the run directory what is trained ("request.json"), or where `resume` says so compares: Code::data naming what differs
/// from what the run was begun with, or saying that there is nothing to go on with.
void note_request(const OutputDirectory& directory, Json request, bool resume);

/// The run's own bundle is there now: it may have taken the place of another one.
void note_end(const OutputDirectory& directory, const Json& request);

/// Whether the folder holds a run with just this request, finished or not.
bool was_begun(const std::string& folder, const Json& request);

/// Whether the run came to its end: its bundle stands there, made from rows of this fingerprint. Code::data where they are others.
bool is_finished(const OutputDirectory& directory, const std::function<std::string()>& fingerprint);

/// Whether a checkpoint is there: such a folder is worth keeping when a run fails.
bool has_checkpoint(const OutputDirectory& directory);

}  // namespace crisp
