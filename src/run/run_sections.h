/// How a model learned, and what a run took, as sections of a report.
#pragma once

#include "core/run_info.h"
#include "report/page.h"
#include "train/training_run.h"

namespace crisp {

/// Learning curves and facts; nothing where the fit told of none.
void add_training(report::Page& page, const TrainingRun& training);

/// Wall time and peak memory of each phase so far.
void add_phases(report::Page& page, const PhaseClock& clock);

}  // namespace crisp
