#include "kernels/training/training_loops.h"

#include "cuda/cpu_isa.h"

namespace crisp {

const TrainingLoops& training_loops() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512: return training_loops_avx512;
    case CpuIsa::avx2: return training_loops_avx2;
#endif
    default: return training_loops_baseline;
  }
}

}  // namespace crisp
