// GPU engine of all distances: the sums of pair_sum_row.h, in the same order, so that bits equal the CPU's.
#include "cuda/staging.h"
#include "kernels/distance/pair_sum_row.h"
#include "kernels/distance/shifted_rows.h"
#include "kernels/distance/tile_gpu.h"

namespace crisp::gpu {
namespace {

using namespace distance;

/// out(i, j) = distance of a's row i and b's row j.
/// Owner: a block computes 64 x 64 distances, a thread 4 x 4 of them; blocks stride over the tiles.
/// Shared (static): 8.3 KB, 16 columns of both sides.
/// Memory: each column slab is read once per tile in runs of 16 floats; out is written in runs of 16. From d of some 20 on
/// arithmetic binds, three operations a column.
/// Regime: any sizes; the last tiles are partly idle.
template <class Term>
__global__ void __launch_bounds__(TileShape::kThreads, 2) distance_tiles(Metric metric, ShiftedView a, ShiftedView b,
                                                                         MatrixView<float> out) {
  constexpr int kTile = TileShape::kTile, kEach = TileShape::kEach;
  __shared__ TileSlabs slabs;
  const TileThread thread;
  const int64_t across = (out.columns + kTile - 1) / kTile, tiles = (out.rows + kTile - 1) / kTile * across;
  for (int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const int64_t row = tile / across * kTile, column = tile % across * kTile;
    float total[kEach][kEach] = {};
    for (int64_t block = 0; block < a.shifted.columns; block += kColumnBlock) {
      float part[kEach][kEach] = {};
      const int64_t end = block + kColumnBlock < a.shifted.columns ? block + kColumnBlock : a.shifted.columns;
      add_tile<Term>(a.shifted, b.shifted, row, column, block, end, slabs, part);
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) total[i][j] += part[i][j];
      }
    }
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
#pragma unroll
      for (int j = 0; j < kEach; ++j) {
        const int64_t r = row + thread.row(i), c = column + thread.column(j);
        if (r >= out.rows || c >= out.columns) continue;
        out.at(r, c) = direct_distance(metric, total[i][j], a.scale_of(r), b.scale_of(c));
      }
    }
  }
}

}  // namespace

void pairwise_distance(Exec& exec, Metric metric, MatrixView<const float> a, MatrixView<const float> b,
                       MatrixView<float> out) {
  DeviceBuffer<float> no_shift(exec, a.columns);
  no_shift.fill_zero(exec);
  const ShiftedRows from(exec, metric, a, no_shift.data(), 0.0, false), to(exec, metric, b, no_shift.data(), 0.0, false);
  DeviceMatrixOutput<float> target(exec, out);
  const int64_t tiles = ((out.rows + TileShape::kTile - 1) / TileShape::kTile) *
                        ((out.columns + TileShape::kTile - 1) / TileShape::kTile);
  const LaunchShape shape{dim3(blocks_for(tiles, 1)), dim3(TileShape::kThreads)};
  launch(exec, shape, metric == Metric::l1 ? distance_tiles<AbsoluteTerm> : distance_tiles<SquareTerm>, metric,
         from.view(), to.view(), target.view());
  target.finish(exec);
}

}  // namespace crisp::gpu
