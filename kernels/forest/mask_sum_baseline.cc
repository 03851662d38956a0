#include "kernels/forest/mask_sum.inc.h"

namespace crisp::forest {

void sum_block_baseline(const MaskView& plan, const float* rows, int64_t ld, int64_t count, int64_t columns, const MaskMemory& memory) {
  sum_block(plan, {rows, ld, count, columns}, memory);
}

}  // namespace crisp::forest
