// The check of rows that lie on a GPU.
#include <limits>

#include "cuda/buffer.h"
#include "cuda/launch.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::gpu {
namespace {

/// Keeps the smallest index of a value that is not finite or too large. Neighbouring threads read neighbouring values;
/// the atomic runs for bad values alone.
struct FindUnusable {
  MatrixView<const float> rows;
  unsigned long long* first;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / rows.columns, column = i - row * rows.columns;
    if (!(rcf::abs_of(rows.at(row, column)) <= rcf::kLargestValue)) atomicMin(first, static_cast<unsigned long long>(i));
  }
};

}  // namespace

int64_t first_unusable_value(Exec& exec, MatrixView<const float> rows) {
  constexpr unsigned long long kNone = std::numeric_limits<unsigned long long>::max();
  unsigned long long first = kNone;
  const DeviceBuffer<unsigned long long> found(exec, &first, 1);
  launch_rows(exec, rows.rows * rows.columns, FindUnusable{rows, found.data()});
  found.download(exec, &first, 1);
  return first == kNone ? -1 : static_cast<int64_t>(first);
}

}  // namespace crisp::gpu
