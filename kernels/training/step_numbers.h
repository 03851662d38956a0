/// The numbers of an optimiser's step, made in double from the plan.
#pragma once

#include "kernels/training/training_loops.h"

namespace crisp {

StepNumbers step_numbers(const OptimiserPlan& plan, double rate, int64_t step, double scale);
/// The same for parameters that are not decayed.
StepNumbers without_decay(StepNumbers n);

}  // namespace crisp
