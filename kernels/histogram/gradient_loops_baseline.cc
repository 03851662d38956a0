#include "kernels/histogram/gradient_loops.inc.h"

namespace crisp {
const GradientLoops gradient_loops_baseline{extent, words};
}  // namespace crisp
