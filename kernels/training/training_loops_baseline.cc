#include "kernels/training/training_loops.inc.h"

namespace crisp {

const TrainingLoops training_loops_baseline = kLoops;

}  // namespace crisp
