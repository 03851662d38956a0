// GPU engine of nearest neighbours: tiles of float estimates, of which only the promising pairs are measured and kept in
// lists; lists are sorted when they are full. The answer does not depend on the order in which pairs are found.
#include <algorithm>

#include "cuda/staging.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/neighbour_lists.h"
#include "kernels/distance/neighbours_gpu.h"
#include "kernels/distance/shifted_rows.h"
#include "kernels/distance/tile_gpu.h"

namespace crisp::gpu {

using namespace distance;

struct IndexUpload {
  Metric metric;
  DeviceBuffer<float> shift;
  ShiftedRows rows;
};

namespace {

struct Tuning {
  static constexpr int kTile = TileShape::kTile;
  static constexpr int64_t kScratchBytes = int64_t{256} << 20;  // of lists at a time
  static constexpr int64_t kLeastSegment = 4096;                // rows
  static constexpr int kBlocksEach = 4;                         // on a multiprocessor, to even out
};

/// Where a search is and what it needs.
struct Search {
  ShiftedView database, queries;
  Metric metric;
  int32_t k, capacity;    ///< of a list; a power of two, at least k + 64
  int64_t segment_rows;   ///< a multiple of 64
  int64_t segments;
  double slack;
  Neighbour* lists;       ///< queries x segments x capacity

  __device__ Neighbour* list(int64_t query, int64_t segment) const {
    return lists + (query * segments + segment) * capacity;
  }
};

/// What a block knows of its 64 queries.
struct Fronts {
  Neighbour furthest[Tuning::kTile];  ///< the k-th nearest so far
  float limits[Tuning::kTile];
  int counts[Tuning::kTile];
};

/// Sorts one query's list and forgets what is beyond the k nearest. All threads call.
__device__ void shorten_list(const Search& search, int64_t query, int slot, Neighbour* list, Neighbour* sorted,
                             Fronts& fronts) {
  const int count = fronts.counts[slot];
  for (int i = static_cast<int>(threadIdx.x); i < search.capacity; i += TileShape::kThreads) {
    sorted[i] = i < count ? list[i] : nobody();
  }
  __syncthreads();
  sort_neighbours(sorted, search.capacity);
  for (int i = static_cast<int>(threadIdx.x); i < search.k; i += TileShape::kThreads) list[i] = sorted[i];
  if (threadIdx.x == 0) {
    const Neighbour furthest = sorted[search.k - 1];
    fronts.counts[slot] = count < search.k ? count : search.k;
    fronts.furthest[slot] = furthest;
    fronts.limits[slot] = estimate_limit(search.metric, double_from_bits(furthest.key), search.queries.exact[query],
                                         search.queries.scale_of(query), search.slack);
  }
  __syncthreads();
}

template <Metric metric>
__device__ __forceinline__ void keep_near(const Search& search, int64_t query, int slot, int64_t row, int64_t segment,
                                          Fronts& fronts) {
  const ShiftedView& q = search.queries;
  const ShiftedView& x = search.database;
  const double measure = row_measure<metric>(q.rows.row(query), q.scale_of(query), x.rows.row(row), x.scale_of(row),
                                             x.rows.columns);
  const Neighbour found{measure_key(measure), row};
  if (comes_before(found, fronts.furthest[slot])) {
    search.list(query, segment)[atomicAdd(&fronts.counts[slot], 1)] = found;
  }
}

/// The k nearest rows of one segment for each query, sorted, at the beginning of its list.
/// Owner: blockIdx.x takes 64 queries, blockIdx.y a segment of the rows, 64 at a time; a thread estimates 4 x 4 pairs.
/// Shared: 8.3 KB of columns and 1.5 KB of fronts (static), `capacity` neighbours to sort (dynamic; 2 KB to 32 KB).
/// Memory: rows are read once per 64 queries (from L2), lists only by what passes its limit: some k (1 + ln(rows / k))
/// of 16 bytes a query and segment. Arithmetic binds from d of some 20 on.
/// Regime: k up to 1,024; all sizes. Few queries are spread over segments.
template <Metric metric>
__global__ void __launch_bounds__(TileShape::kThreads, 2) search_tiles(Search search) {
  constexpr int kTile = Tuning::kTile, kEach = TileShape::kEach;
  __shared__ TileSlabs slabs;
  __shared__ Fronts fronts;
  Neighbour* sorted = dynamic_shared<Neighbour>();
  const TileThread thread;
  const int64_t query = static_cast<int64_t>(blockIdx.x) * kTile, segment = blockIdx.y;
  const int64_t begin = segment * search.segment_rows, all = search.database.rows.rows;
  const int64_t end = begin + search.segment_rows < all ? begin + search.segment_rows : all;
  const int64_t left = search.queries.rows.rows - query;
  const int queries = static_cast<int>(left < kTile ? left : kTile);
  for (int i = static_cast<int>(threadIdx.x); i < kTile; i += TileShape::kThreads) {
    fronts.furthest[i] = nobody();
    fronts.limits[i] = NAN;  // rules nothing out
    fronts.counts[i] = 0;
  }
  __syncthreads();
  for (int64_t first = begin; first < end; first += kTile) {
    using Term = std::conditional_t<metric == Metric::l1, AbsoluteTerm, ProductTerm>;
    float sum[kEach][kEach] = {};
    add_tile<Term>(search.queries.shifted, search.database.shifted, query, first, 0, search.database.shifted.columns, slabs,
                   sum);
#pragma unroll
    for (int j = 0; j < kEach; ++j) {
      const int64_t row = first + thread.column(j);
      if (row >= end) continue;
      const float norm = metric == Metric::l1 ? 0.0f : search.database.norms[row];
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
        const int slot = thread.row(i);
        const float estimate = metric == Metric::l1 ? sum[i][j] : norm - 2.0f * sum[i][j];
        if (slot >= queries || estimate > fronts.limits[slot]) continue;
        keep_near<metric>(search, query + slot, slot, row, segment, fronts);
      }
    }
    __syncthreads();
    const bool last = first + kTile >= end;
    for (int slot = 0; slot < queries; ++slot) {
      const bool full = fronts.counts[slot] > search.capacity - kTile;
      __syncthreads();
      if (full || last) shorten_list(search, query + slot, slot, search.list(query + slot, segment), sorted, fronts);
    }
  }
  for (int slot = 0; slot < queries; ++slot) {
    Neighbour* list = search.list(query + slot, segment);
    for (int i = fronts.counts[slot] + static_cast<int>(threadIdx.x); i < search.k; i += TileShape::kThreads) {
      list[i] = nobody();
    }
  }
}

/// ids and distances from the lists of a query's segments.
/// Owner: a block takes a query. Shared (dynamic): `capacity` neighbours: the nearest so far and, behind them, as many of
/// the next segment as fit. Memory: every list's first k are read once, coalesced.
__global__ void __launch_bounds__(TileShape::kThreads) join_lists(Search search, MatrixView<int32_t> ids,
                                                                  MatrixView<float> distances) {
  Neighbour* sorted = dynamic_shared<Neighbour>();
  const int threads = static_cast<int>(blockDim.x), k = search.k;
  for (int64_t query = blockIdx.x; query < ids.rows; query += gridDim.x) {
    for (int i = static_cast<int>(threadIdx.x); i < search.capacity; i += threads) {
      sorted[i] = i < k ? search.list(query, 0)[i] : nobody();
    }
    __syncthreads();
    const int room = search.capacity - k;
    for (int64_t segment = 1; segment < search.segments; ++segment) {
      for (int from = 0; from < k; from += room) {
        for (int i = static_cast<int>(threadIdx.x); i < room; i += threads) {
          sorted[k + i] = from + i < k ? search.list(query, segment)[from + i] : nobody();
        }
        __syncthreads();
        sort_neighbours(sorted, search.capacity);
      }
    }
    for (int i = static_cast<int>(threadIdx.x); i < k; i += threads) {
      ids.at(query, i) = static_cast<int32_t>(sorted[i].id);
      distances.at(query, i) = distance_of(search.metric, double_from_bits(sorted[i].key));
    }
    __syncthreads();
  }
}

int32_t list_capacity(int64_t k) {
  int32_t out = 2 * Tuning::kTile;
  while (out < k + Tuning::kTile) out *= 2;
  return out;
}

/// Enough segments to fill the device; each a multiple of a tile.
void cut_search(const DeviceInfo& device, int64_t queries, Search& search) {
  const int64_t rows = search.database.rows.rows, tiles = (queries + Tuning::kTile - 1) / Tuning::kTile;
  const int64_t wanted = Tuning::kBlocksEach * std::max<int64_t>(device.multiprocessors, 1) / tiles;
  const int64_t segments = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, rows / Tuning::kLeastSegment));
  const int64_t each = (rows + segments - 1) / segments;
  search.segment_rows = (each + Tuning::kTile - 1) / Tuning::kTile * Tuning::kTile;
  search.segments = (rows + search.segment_rows - 1) / search.segment_rows;
}

void run_search(Exec& exec, Search& search, MatrixView<int32_t> ids, MatrixView<float> distances) {
  cut_search(exec.info(), ids.rows, search);
  const DeviceBuffer<Neighbour> lists(exec, ids.rows * search.segments * search.capacity);
  search.lists = lists.data();
  const size_t bytes = static_cast<size_t>(search.capacity) * sizeof(Neighbour);
  const dim3 grid(blocks_for(ids.rows, Tuning::kTile), static_cast<unsigned>(search.segments));
  const auto kernel = search.metric == Metric::l1       ? search_tiles<Metric::l1>
                      : search.metric == Metric::cosine ? search_tiles<Metric::cosine>
                                                        : search_tiles<Metric::l2>;
  launch(exec, {grid, dim3(TileShape::kThreads), bytes}, kernel, search);
  launch(exec, {dim3(blocks_for(ids.rows, 1)), dim3(TileShape::kThreads), bytes}, join_lists, search, ids, distances);
}

}  // namespace

std::shared_ptr<const IndexUpload> upload_index(Exec& exec, Metric metric, MatrixView<const float> rows) {
  DeviceBuffer<float> shift = middle_on_device(exec, rows);
  const float* values = shift.data();
  auto out = std::make_shared<const IndexUpload>(
      IndexUpload{metric, std::move(shift), ShiftedRows(exec, metric, rows, values, relative_slack(rows.columns), true)});
  exec.synchronize();
  return out;
}

void nearest_neighbours(Exec& exec, const IndexUpload& index, MatrixView<const float> queries,
                        MatrixView<int32_t> ids, MatrixView<float> distances) {
  const int64_t k = ids.columns;
  DeviceMatrixOutput<int32_t> found(exec, ids);
  DeviceMatrixOutput<float> away(exec, distances);
  Search search{};
  search.database = index.rows.view();
  search.metric = index.metric;
  search.k = static_cast<int32_t>(k);
  search.capacity = list_capacity(k);
  search.slack = relative_slack(queries.columns);
  const int64_t list_bytes = search.capacity * static_cast<int64_t>(sizeof(Neighbour));
  const int64_t step = std::max<int64_t>(Tuning::kScratchBytes / list_bytes / Tuning::kTile, 1) * Tuning::kTile;
  for (int64_t first = 0; first < queries.rows; first += step) {
    const int64_t count = std::min(step, queries.rows - first);
    const ShiftedRows part(exec, index.metric, {queries.row(first), count, queries.columns, queries.ld},
                           index.shift.data(), 0.0, false);
    search.queries = part.view();
    run_search(exec, search, {found.view().row(first), count, k, found.view().ld},
               {away.view().row(first), count, k, away.view().ld});
  }
  found.finish(exec);
  away.finish(exec);
}

}  // namespace crisp::gpu
