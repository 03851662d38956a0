// GPU engine of gathering: a warp takes a row, so that its columns coalesce; 8 bytes a value, and rows narrower than a
// sector of 32 bytes pay for all of it.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/gather_gpu.h"

namespace crisp::gpu {
namespace {

struct GatherRow {
  MatrixView<const float> source;
  const uint32_t* index;
  const float *shift, *factor;
  MatrixView<float> out;
  __device__ void operator()(int64_t i, int lane) const {
    const float* from = source.row(index[i]);
    for (int64_t j = lane; j < out.columns; j += kWarp) {
      out.at(i, j) = shift ? (__ldg(from + j) - shift[j]) * factor[j] : __ldg(from + j);
    }
  }
};

}  // namespace

void gather_rows(Exec& exec, MatrixView<const float> source, ArrayView<const uint32_t> index, ArrayView<const float> shift,
                 ArrayView<const float> factor, MatrixView<float> out) {
  const DeviceMatrixInput<float> in(exec, source);
  const DeviceInput<uint32_t> rows(exec, index);
  const DeviceInput<float> s(exec, shift), f(exec, factor);
  DeviceMatrixOutput<float> target(exec, out);
  launch_warp_rows(exec, out.rows, GatherRow{in.view(), rows.data(), shift.size ? s.data() : nullptr, f.data(), target.view()});
  target.finish(exec);
}

}  // namespace crisp::gpu
