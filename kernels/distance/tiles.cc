#include "kernels/distance/tiles.h"

#include "cuda/cpu_isa.h"

namespace crisp::distance {

const Tiles& chosen_tiles() {
#if defined(__x86_64__)
  if (chosen_isa() == CpuIsa::avx512) return avx512_tiles();
  if (chosen_isa() == CpuIsa::avx2) return avx2_tiles();
#endif
  return baseline_tiles();
}

}  // namespace crisp::distance
