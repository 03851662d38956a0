/// How a model learned, as a section of a report.
#pragma once

#include "report/page.h"
#include "train/training_run.h"

namespace crisp {

/// Learning curves and facts; nothing where the fit told of none.
void add_training(report::Page& page, const TrainingRun& training);

}  // namespace crisp
