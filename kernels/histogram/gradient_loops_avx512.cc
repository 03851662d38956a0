#include "kernels/histogram/gradient_loops.inc.h"

namespace crisp {
const GradientLoops gradient_loops_avx512{extent, words};
}  // namespace crisp
