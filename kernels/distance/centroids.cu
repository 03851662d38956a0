// GPU engine of the nearest centroid: float estimates decide where they can, what is left is measured in double.
#include "kernels/distance/centroids.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/block.h"
#include "kernels/distance/centroids_gpu.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/distance_row.h"
#include "kernels/distance/tile_gpu.h"

namespace crisp::gpu {
namespace {

using namespace distance;

/// Least and second least estimate, and whose the least is.
struct TwoLeast {
  float least = HUGE_VALF, second = HUGE_VALF;
  int32_t id = 0;

  __device__ void add(float estimate, int32_t c) {
    if (estimate < least) {
      second = least;
      least = estimate;
      id = c;
    } else if (estimate < second) {
      second = estimate;
    }
  }
  /// With the lane whose number differs in bit `distance`.
  __device__ void join_lane(int distance) {
    const float other = __shfl_xor_sync(kAllLanes, least, distance), next = __shfl_xor_sync(kAllLanes, second, distance);
    const int32_t other_id = __shfl_xor_sync(kAllLanes, id, distance);
    const float larger = other < least ? least : other, smaller_second = next < second ? next : second;
    second = larger < smaller_second ? larger : smaller_second;
    id = other < least ? other_id : id;
    least = other < least ? other : least;
  }
};

/// labels[i] = the nearest centroid of row i, or -1 where two estimates are too near to tell.
/// Owner: a block takes 64 rows past all centroids, 64 at a time; a thread keeps the two least estimates of 4 rows over a
/// sixteenth of the centroids, and the 16 lanes that share a row join theirs at the end.
/// Shared (static): 8.3 KB.
/// Memory: rows are read once per 64 centroids, centroids once per 64 rows (from L2); arithmetic binds from d of some 20.
/// Regime: many rows, up to a few thousand centroids.
__global__ void __launch_bounds__(TileShape::kThreads, 2) assign_tiles(ShiftedView rows, ShiftedView centroids,
                                                                       double slack, double largest_norm,
                                                                       int32_t* labels) {
  constexpr int kTile = TileShape::kTile, kEach = TileShape::kEach;
  __shared__ TileSlabs slabs;
  const TileThread thread;
  const int64_t count = rows.rows.rows;
  for (int64_t row = static_cast<int64_t>(blockIdx.x) * kTile; row < count; row += static_cast<int64_t>(gridDim.x) * kTile) {
    TwoLeast best[kEach];
    for (int64_t first = 0; first < centroids.rows.rows; first += kTile) {
      float sum[kEach][kEach] = {};
      add_tile<ProductTerm>(rows.shifted, centroids.shifted, row, first, 0, rows.shifted.columns, slabs, sum);
#pragma unroll
      for (int j = 0; j < kEach; ++j) {
        const int64_t c = first + thread.column(j);
        if (c >= centroids.rows.rows) continue;
        const float norm = centroids.norms[c];
#pragma unroll
        for (int i = 0; i < kEach; ++i) best[i].add(norm - 2.0f * sum[i][j], static_cast<int32_t>(c));
      }
    }
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      for (int distance = TileShape::kSide / 2; distance > 0; distance /= 2) best[i].join_lane(distance);
      const int64_t r = row + thread.row(i);
      if (thread.tx != 0 || r >= count) continue;
      const double norm = static_cast<double>(rows.norms[r]);
      const double doubt = slack * (norm * (1.0 + slack) + largest_norm) + kLeastSlack;
      const bool sure = static_cast<double>(best[i].second) - static_cast<double>(best[i].least) > doubt;
      labels[r] = sure ? best[i].id : -1;
    }
  }
}

/// A warp a row: rows without a label are measured against every centroid, a lane every 32nd.
struct MeasureUndecided {
  MatrixView<const float> rows, centroids;
  int32_t* labels;

  __device__ void operator()(int64_t i, int lane) const {
    const int32_t label = labels[i];
    __syncwarp();
    if (label >= 0) return;
    Neighbour best = nobody();
    for (int64_t c = lane; c < centroids.rows; c += kWarp) {
      const double measure =
          row_measure<Metric::l2_squared>(centroids.row(c), 1.0, rows.row(i), 1.0, rows.columns);
      const Neighbour next{measure_key(measure), c};
      if (comes_before(next, best)) best = next;
    }
    const auto key = static_cast<unsigned long long>(best.key);
    const unsigned long long least = warp_reduce(key, Minimum{});
    const int64_t id = warp_reduce(key == least ? best.id : nobody().id, Minimum{});
    if (lane == 0) labels[i] = static_cast<int32_t>(id);
  }
};

struct MeasureLabelled {
  MatrixView<const float> rows, centroids;
  const int32_t* labels;
  double* measures;
  CRISP_HD void operator()(int64_t i) const {
    measures[i] = row_measure<Metric::l2_squared>(rows.row(i), 1.0, centroids.row(labels[i]), 1.0, rows.columns);
  }
};

struct RootOf {
  const double* measures;
  float* distances;
  CRISP_HD void operator()(int64_t i) const { distances[i] = distance_of(Metric::l2, measures[i]); }
};

double largest_norm(Exec& exec, const ShiftedView& centroids) {
  std::vector<double> norms(static_cast<size_t>(centroids.rows.rows));
  copy_bytes(exec, norms.data(), centroids.exact, norms.size() * sizeof(double));
  exec.synchronize();
  double largest = 0;
  for (const double norm : norms) {
    if (!(norm <= largest)) largest = norm <= kLargestNorm ? norm : HUGE_VAL;
  }
  return largest;
}

}  // namespace

void assign_on_device(Exec& exec, const ShiftedView& rows, const float* shift, MatrixView<const float> centroids,
                      int32_t* labels) {
  const ShiftedRows centers(exec, Metric::l2, centroids, shift, 0.0, false);
  const double slack = 2 * relative_slack(rows.rows.columns);
  const LaunchShape shape{dim3(blocks_for(rows.rows.rows, TileShape::kTile)), dim3(TileShape::kThreads)};
  launch(exec, shape, assign_tiles, rows, centers.view(), slack, largest_norm(exec, centers.view()), labels);
  launch_warp_rows(exec, rows.rows.rows, MeasureUndecided{rows.rows, centers.view().rows, labels});
}

void measure_on_device(Exec& exec, MatrixView<const float> rows, MatrixView<const float> centroids,
                       const int32_t* labels, double* measures) {
  launch_rows(exec, rows.rows, MeasureLabelled{rows, centroids, labels, measures});
}

void nearest_centroid(Exec& exec, MatrixView<const float> centroids, MatrixView<const float> rows,
                      ArrayView<int32_t> labels, ArrayView<float> distances) {
  const DeviceMatrixInput<float> centers(exec, centroids);
  const DeviceBuffer<float> shift = middle_on_device(exec, centers.view());
  const ShiftedRows shifted(exec, Metric::l2, rows, shift.data(), relative_slack(rows.columns), false);
  DeviceOutput<int32_t> found(exec, labels);
  assign_on_device(exec, shifted.view(), shift.data(), centers.view(), found.data());
  if (distances.size > 0) {
    DeviceOutput<float> target(exec, distances);
    const DeviceBuffer<double> measures(exec, rows.rows);
    measure_on_device(exec, shifted.view().rows, centers.view(), found.data(), measures.data());
    launch_rows(exec, rows.rows, RootOf{measures.data(), target.data()});
    target.finish(exec);
  }
  found.finish(exec);
}

}  // namespace crisp::gpu
