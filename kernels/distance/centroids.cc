#include "kernels/distance/centroids.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/distance/centroid_groups.h"
#include "kernels/distance/distance_bound.h"

namespace crisp {

namespace gpu {  // centroids.cu
void nearest_centroid(Exec& exec, MatrixView<const float> centroids, MatrixView<const float> rows,
                      ArrayView<int32_t> labels, ArrayView<float> distances);
}  // namespace gpu

namespace distance {

CentroidGroups group_centroids(const PaddedRows& centroids, const float* shift) {
  CentroidGroups out;
  out.rows = &centroids;
  const int64_t size = centroids.columns * kGroupRows;
  out.values = AlignedFloats(out.groups() * size);
  out.norms.assign(static_cast<size_t>(out.groups() * kGroupRows), HUGE_VALF);
  for (int64_t g = 0; g < out.groups(); ++g) {
    const int64_t first = g * kGroupRows;
    const int count = static_cast<int>(std::min<int64_t>(kGroupRows, centroids.rows - first));
    double norms[kGroupRows];
    pack_group(Metric::l2, centroids, first, count, shift, -2.0f, out.values.data() + g * size, norms);
    for (int r = 0; r < count; ++r) {
      out.norms[static_cast<size_t>(first + r)] = static_cast<float>(norms[r]);
      if (!(norms[r] <= out.largest_norm)) out.largest_norm = norms[r] <= kLargestNorm ? norms[r] : HUGE_VAL;
    }
  }
  return out;
}

}  // namespace distance

namespace {

using namespace distance;

constexpr int64_t kTaskRows = 64 * kPanelRows;

void assign_on_cpu(Exec& exec, MatrixView<const float> centroids, MatrixView<const float> rows,
                   ArrayView<int32_t> labels, ArrayView<float> distances) {
  const PaddedRows padded = pad_rows(exec, Metric::l2, rows), centers = pad_rows(exec, Metric::l2, centroids);
  const std::vector<float> shift = middle_of(centroids);
  const Panels panels = pack_panels(exec, Metric::l2, padded, shift.data());
  const CentroidGroups groups = group_centroids(centers, shift.data());
  const Tiles& tiles = chosen_tiles();
  exec.threads().for_ranges(rows.rows, kTaskRows, [&](int64_t begin, int64_t end) {
    tiles.assign(groups, padded, panels, begin / kPanelRows, (end + kPanelRows - 1) / kPanelRows,
                 labels.data + begin);
    if (distances.size == 0) return;
    for (int64_t i = begin; i < end; ++i) {
      const float* centroid = centers.row(labels[i]);
      distances[i] = distance_of(
          Metric::l2, tiles.measure(Metric::l2_squared, centroid, 1.0, padded.row(i), 1.0, rows.columns));
    }
  });
}

}  // namespace

void nearest_centroid(Exec& exec, MatrixView<const float> centroids, MatrixView<const float> rows,
                      ArrayView<int32_t> labels, ArrayView<float> distances) {
  CRISP_REQUIRE(centroids.rows > 0 && centroids.columns > 0 && centroids.columns <= kMostColumns &&
                    centroids.rows < std::numeric_limits<int32_t>::max(),
                Code::data, "no centroids, or too many: ", centroids.rows, " x ", centroids.columns);
  CRISP_REQUIRE(rows.columns == centroids.columns, Code::data, "the rows have ", rows.columns,
                " columns, the centroids ", centroids.columns);
  CRISP_ASSERT(labels.size == rows.rows && (distances.size == 0 || distances.size == rows.rows));
  if (rows.rows == 0) return;
  const NvtxRange range("nearest_centroid");
  if (exec.is_cuda()) return gpu::nearest_centroid(exec, centroids, rows, labels, distances);
  assign_on_cpu(exec, centroids, rows, labels, distances);
}

}  // namespace crisp
