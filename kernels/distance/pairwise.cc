// The CPU engine: the second matrix in panels, the first in groups of 12 rows; a task is some groups against all panels.
#include "kernels/distance/pairwise.h"

#include <algorithm>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/distance/pair_sum_row.h"
#include "kernels/distance/tiles.h"

namespace crisp {

namespace gpu {  // pairwise.cu
void pairwise_distance(Exec& exec, Metric metric, MatrixView<const float> a, MatrixView<const float> b,
                       MatrixView<float> out);
}  // namespace gpu

namespace {

using namespace distance;

constexpr int64_t kTaskRows = 4 * kGroupRows;

void write_tile(Metric metric, const float* tile, const PaddedRows& a, int64_t first, int count, const PaddedRows& b,
                int64_t panel, MatrixView<float> out) {
  const int64_t begin = panel * kPanelRows, width = std::min<int64_t>(kPanelRows, b.rows - begin);
  for (int r = 0; r < count; ++r) {
    float* to = out.row(first + r) + begin;
    const float* from = tile + r * kPanelRows;
    if (metric == Metric::l2_squared || metric == Metric::l1) {
      std::copy_n(from, width, to);
    } else if (metric == Metric::l2) {
      for (int64_t i = 0; i < width; ++i) to[i] = direct_distance(Metric::l2, from[i], 1.0, 1.0);
    } else {
      for (int64_t i = 0; i < width; ++i) {
        to[i] = direct_distance(metric, from[i], a.scale_of(first + r), b.scale_of(begin + i));
      }
    }
  }
}

}  // namespace

void pairwise_distance(Exec& exec, Metric metric, MatrixView<const float> a, MatrixView<const float> b,
                       MatrixView<float> out) {
  CRISP_REQUIRE(a.columns == b.columns, Code::data, "rows of ", a.columns, " and of ", b.columns,
                " columns have no distance");
  CRISP_ASSERT(out.rows == a.rows && out.columns == b.rows);
  if (a.rows == 0 || b.rows == 0) return;
  const NvtxRange range("pairwise_distance");
  if (exec.is_cuda()) return gpu::pairwise_distance(exec, metric, a, b, out);
  const PaddedRows from = pad_rows(exec, metric, a), to = pad_rows(exec, metric, b);
  const std::vector<float> no_shift(static_cast<size_t>(a.columns), 0.0f);
  const Panels panels = pack_panels(exec, metric, to, no_shift.data());
  const Tiles& tiles = chosen_tiles();
  exec.threads().for_ranges(a.rows, kTaskRows, [&](int64_t begin, int64_t end) {
    const AlignedFloats group(a.columns * kGroupRows), tile(kGroupRows * kPanelRows);
    double norms[kGroupRows];
    for (int64_t first = begin; first < end; first += kGroupRows) {
      const int count = static_cast<int>(std::min<int64_t>(kGroupRows, end - first));
      pack_group(metric, from, first, count, no_shift.data(), 1.0f, group.data(), norms);
      for (int64_t p = 0; p < panels.panels(); ++p) {
        tiles.direct(metric, group.data(), count, panels.panel(p), a.columns, tile.data());
        write_tile(metric, tile.data(), from, first, count, to, p, out);
      }
    }
  });
}

}  // namespace crisp
