// GPU engine of column statistics: the lanes, chunks and order of additions of the CPU engine, so the same bits.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/statistics/column_statistics_gpu.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kSlots = 32;  // (chunk, column) pairs of a block: a warp reads 32 neighbouring values of a row
  static constexpr int kThreads = kSlots * kStatisticsLanes;
};

struct Shape {
  int64_t chunks;
  int group;             ///< columns a block takes
  int chunks_per_block;  ///< more than one where columns are few, so that warps stay full
};

/// partial[chunk * columns + column] = the sums of a chunk of 4,096 rows. rows: n x columns.
/// Owner: warp l of a block is the virtual lane l of its chunks: it adds 256 rows in order; its 32 threads are
/// neighbouring columns of a row (or, for a narrow matrix, several chunks of them). Then the warps fold by halves.
/// Shared (static): 16 x 32 sums of 56 bytes, 28 KB: one to three blocks fit on every card beside full registers.
/// Memory: a row's columns are read coalesced, once. Seven double operations a value: on cards with few double units
/// (T4, A10G, L4) they bound it, not memory.
/// Regime: many rows; a block is one chunk, so under 4,096 rows only one block works.
template <class T>
__global__ void __launch_bounds__(Tuning::kThreads) chunk_sums(MatrixView<const T> rows, const double* pivots, Shape shape,
                                                               PowerSums* partial) {
  __shared__ __align__(8) unsigned char memory[kStatisticsLanes * Tuning::kSlots * sizeof(PowerSums)];
  auto* lanes = reinterpret_cast<PowerSums*>(memory);
  const int slot = lane_index(), lane = warp_index();
  const int64_t chunk = static_cast<int64_t>(blockIdx.x) * shape.chunks_per_block + slot / shape.group;
  const int64_t column = static_cast<int64_t>(blockIdx.y) * shape.group + slot % shape.group;
  const bool there = slot < shape.group * shape.chunks_per_block && chunk < shape.chunks && column < rows.columns;
  PowerSums sums;
  if (there) {
    const int64_t begin = chunk * kStatisticsChunk + lane * kStatisticsLaneRows;
    const int64_t end = begin + kStatisticsLaneRows < rows.rows ? begin + kStatisticsLaneRows : rows.rows;
    const double pivot = pivots[column];
    for (int64_t i = begin; i < end; ++i) sums.add(static_cast<double>(__ldg(&rows.at(i, column))), pivot);
  }
  lanes[lane * Tuning::kSlots + slot] = sums;
  __syncthreads();
  for (int half = kStatisticsLanes / 2; half > 0; half /= 2) {
    if (lane < half) lanes[lane * Tuning::kSlots + slot].join(lanes[(lane + half) * Tuning::kSlots + slot]);
    __syncthreads();
  }
  if (there && lane == 0) partial[chunk * rows.columns + column] = lanes[slot];
}

/// Chunks in order, one thread a column.
struct JoinChunks {
  const PowerSums* partial;
  int64_t chunks, columns;
  PowerSums* total;
  CRISP_HD void operator()(int64_t column) const {
    PowerSums sums;
    for (int64_t chunk = 0; chunk < chunks; ++chunk) sums.join(partial[chunk * columns + column]);
    total[column] = sums;
  }
};

template <class T>
std::vector<PowerSums> sums_of(Exec& exec, MatrixView<const T> rows, const std::vector<double>& pivots) {
  std::vector<PowerSums> out(static_cast<size_t>(rows.columns));
  if (rows.rows == 0 || rows.columns == 0) return out;
  const DeviceMatrixInput<T> in(exec, rows);
  const DeviceBuffer<double> pivot(exec, pivots.data(), rows.columns);
  Shape shape;
  shape.chunks = (rows.rows + kStatisticsChunk - 1) / kStatisticsChunk;
  shape.group = static_cast<int>(std::min<int64_t>(rows.columns, Tuning::kSlots));
  shape.chunks_per_block = Tuning::kSlots / shape.group;
  const DeviceBuffer<PowerSums> partial(exec, shape.chunks * rows.columns), total(exec, rows.columns);
  const dim3 grid(blocks_for(shape.chunks, shape.chunks_per_block, int64_t{1} << 31),
                  blocks_for(rows.columns, shape.group, 65535));
  CRISP_ASSERT(rows.columns <= int64_t{65535} * shape.group);
  launch(exec, {grid, dim3(Tuning::kThreads)}, chunk_sums<T>, in.view(), pivot.data(), shape, partial.data());
  launch_rows(exec, rows.columns, JoinChunks{partial.data(), shape.chunks, rows.columns, total.data()});
  total.download(exec, out.data(), rows.columns);
  return out;
}

}  // namespace

std::vector<PowerSums> power_sums(Exec& exec, MatrixView<const float> rows, const std::vector<double>& pivots) {
  return sums_of(exec, rows, pivots);
}

std::vector<PowerSums> power_sums(Exec& exec, MatrixView<const double> rows, const std::vector<double>& pivots) {
  return sums_of(exec, rows, pivots);
}

}  // namespace crisp::gpu
