#include "kernels/training/training_loops.inc.h"

namespace crisp {

const TrainingLoops training_loops_avx512 = kLoops;

}  // namespace crisp
