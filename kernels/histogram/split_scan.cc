#include "kernels/histogram/split_scan.h"

#include "cuda/cpu_isa.h"

namespace crisp {

const SplitScan& split_scan() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512: return split_scan_avx512;
    case CpuIsa::avx2: return split_scan_avx2;
#endif
    default: return split_scan_baseline;
  }
}

}  // namespace crisp
