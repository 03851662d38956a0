// Blocks of rows for the code of the instruction set that this machine has.
#include "kernels/forest/mask_sum.h"

#include <algorithm>

#include "cuda/aligned.h"
#include "cuda/cpu_isa.h"

namespace crisp::forest {
namespace {

SumBlock choose_engine() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512: return sum_block_avx512;
    case CpuIsa::avx2: return sum_block_avx2;
#endif
    default: return sum_block_baseline;
  }
}

MaskView view_of(const MaskPlan& plan) {
  return {plan.column.data(),   static_cast<int64_t>(plan.column.size()), plan.condition.data(), plan.search.data(), plan.set_first.data(),
          plan.set_code.data(), plan.step.data(), plan.tree.data(), static_cast<int64_t>(plan.tree.size()), plan.outputs,
          plan.vector_leaves,   plan.single, plan.start.data(), plan.value.data()};
}

}  // namespace

void mask_sum(const MaskPlan& plan, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out) {
  const Aligned<uint64_t> row = aligned<uint64_t>(plan.memory_rows * kMaskWords);
  const Aligned<uint64_t> ends = aligned<uint64_t>(std::max(plan.most_answers, 1) * kMaskWords);
  const Aligned<double> sum = aligned<double>(plan.outputs * kMaskRows);
  const MaskView view = view_of(plan);
  const SumBlock sum_block = choose_engine();
  for (int64_t block = begin; block < end; block += kMaskRows) {
    const int64_t count = std::min<int64_t>(kMaskRows, end - block);
    sum_block(view, rows.row(block), rows.ld, count, rows.columns, {row.get(), ends.get(), sum.get()});
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t k = 0; k < plan.outputs; ++k) out.at(block + i, k) = sum[k * kMaskRows + i];
    }
  }
}

}  // namespace crisp::forest
