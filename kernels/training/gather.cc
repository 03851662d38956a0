#include "kernels/training/gather.h"

#include <algorithm>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/gather_gpu.h"

namespace crisp {

void gather_rows(Exec& exec, MatrixView<const float> source, ArrayView<const uint32_t> index, ArrayView<const float> shift,
                 ArrayView<const float> factor, MatrixView<float> out) {
  CRISP_ASSERT(out.rows == index.size && out.columns == source.columns && shift.size == factor.size);
  CRISP_ASSERT(shift.size == 0 || shift.size == source.columns);
  const NvtxRange range("gather_rows");
  if (exec.is_cuda()) return gpu::gather_rows(exec, source, index, shift, factor, out);
  constexpr int64_t kAhead = 8;  // rows lie anywhere: ask for them before they are needed
  for (int64_t i = 0; i < index.size; ++i) {
    const float* ahead = source.row(index[std::min(i + kAhead, index.size - 1)]);
    for (int64_t j = 0; j < source.columns; j += 16) __builtin_prefetch(ahead + j);
    const float* from = source.row(index[i]);
    float* to = out.row(i);
    if (shift.size == 0) {
      std::copy_n(from, source.columns, to);
    } else {
      for (int64_t j = 0; j < source.columns; ++j) to[j] = (from[j] - shift[j]) * factor[j];
    }
  }
}

}  // namespace crisp
