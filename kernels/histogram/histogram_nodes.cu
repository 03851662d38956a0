// GPU engine of histograms: whole numbers, so the order in which rows are added does not matter.
#include <algorithm>
#include <bit>

#include "cuda/block.h"
#include "cuda/buffer.h"
#include "kernels/histogram/nodes_gpu.h"
#include "kernels/histogram/shared_cell.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 512;
  static constexpr int kBlocks = 2;            // room for 64 registers a thread: left to itself ptxas spills a few
  static_assert(CellPlan::kGroup == kWarp);    // 32 x 256 cells of 8 bytes are the 64 KiB that a T4 has
  static constexpr int kAhead = 4;             // a lane's codes that are fetched before they are added
  static constexpr int64_t kLeastRows = 1024;  // of a slice: emptying a block's cells costs about as much as that many rows
  static constexpr int64_t kBlocksPerProcessor = 4;
  static constexpr int kCellThreads = 256;
};

/// A part of a node's rows, at most kPackedRows.
struct Slice {
  HistogramView out;
  int64_t begin, rows;
};

__device__ __forceinline__ void add_long(void* to, uint64_t value) {
  atomicAdd(static_cast<unsigned long long*>(to), static_cast<unsigned long long>(value));
}

__device__ void add_to_histogram(const HistogramView& out, int64_t cell, uint64_t packed) {
  if (!out.is_wide()) return add_long(out.packed + cell, packed);
  const Sums sums = unpack(packed);
  add_long(&out.wide[cell].g, static_cast<uint64_t>(sums.g));
  add_long(&out.wide[cell].h, static_cast<uint64_t>(sums.h));
  add_long(&out.wide[cell].rows, static_cast<uint64_t>(sums.rows));
}

/// out[first[j] + byte j] += the words of the slice's rows, for the block's bytes ("columns") [blockIdx.y * group, + group).
/// Owner: a block a slice and group of columns. `lanes` (a power of two >= group) of a warp have a row, each lane a column of it, so that a
/// column of two codes does not make the lanes of a warp queue for one cell; narrow groups let a warp work on several rows at once.
/// Shared (dynamic): two 32-bit halves a cell of the group, 64 KiB for 32 columns of 256 codes: one block on a T4, one on
/// sm_86 and sm_89 (100 KiB), two on sm_80, three on sm_90. Neighbouring cells meet neighbouring banks.
/// Work of a row and column: two 32-bit shared atomics, of which the first returns. Three words that are added without a carry would take
/// three; g beside a word of h and rows would overflow after 2,047 rows and be emptied eight times as often. A cell holds kPackedRows rows
/// (cells.h); a slice has no more, so it is emptied once: one 64-bit global atomic a cell that is not 0 (three for nodes with more rows).
/// Memory: 4 bytes of index a row, coalesced; a record is one or a few 32-byte sectors wherever it lies, its word in the last of them.
/// Regime: nodes of any size; slices of 1,024 to 16,384 rows, four blocks a multiprocessor where the rows suffice.
__global__ void __launch_bounds__(Tuning::kThreads, Tuning::kBlocks)
    add_slices(BinnedRows rows, const uint32_t* index, const Slice* slices, int group, int lanes) {
  const Slice slice = slices[blockIdx.x];
  const int64_t first = static_cast<int64_t>(blockIdx.y) * group;
  const int64_t rest = rows.records.columns - first;
  const int columns = rest < group ? static_cast<int>(rest) : group;
  const int first_cell = rows.first[first], cells = rows.first[first + columns] - first_cell;
  unsigned* low = dynamic_shared<unsigned>();
  unsigned* high = low + rows.cells.group_width;
  for (int k = static_cast<int>(threadIdx.x); k < cells; k += Tuning::kThreads) low[k] = high[k] = 0;
  __syncthreads();
  const int lane = lane_index(), column = lane & (lanes - 1), own = lane / lanes, step = kWarp / lanes;
  const int cell = column < columns ? rows.first[first + column] - first_cell : 0;
  for (int64_t at = warp_index() * kWarp; at < slice.rows; at += Tuning::kThreads) {
    const int count = slice.rows - at < kWarp ? static_cast<int>(slice.rows - at) : kWarp;
    const uint32_t row = lane < count ? index[slice.begin + at + lane] : 0;
    const uint32_t word = lane < count ? rows.word(row) : 0;
    for (int begin = 0; begin < count; begin += step * Tuning::kAhead) {
      int codes[Tuning::kAhead];
      uint32_t words[Tuning::kAhead];
#pragma unroll
      for (int k = 0; k < Tuning::kAhead; ++k) {
        const int source = begin + k * step + own;
        const uint32_t from = __shfl_sync(kAllLanes, row, source & (kWarp - 1));
        words[k] = __shfl_sync(kAllLanes, word, source & (kWarp - 1));
        codes[k] = source < count && column < columns ? rows.record(from)[first + column] : -1;
      }
#pragma unroll
      for (int k = 0; k < Tuning::kAhead; ++k) {
        if (codes[k] >= 0) add_to_cell(low, high, cell + codes[k], cell_of_word(words[k]));
      }
    }
  }
  __syncthreads();
  for (int k = static_cast<int>(threadIdx.x); k < cells; k += Tuning::kThreads) {
    const uint64_t packed = cell_value(low, high, k);
    if (packed != 0) add_to_histogram(slice.out, first_cell + k, packed);
  }
}

/// All cells of many histograms become 0. Owner: blockIdx.y has a histogram, a thread cells at a stride. Stores coalesce. No shared memory.
/// Regime: thousands of cells each.
__global__ void __launch_bounds__(Tuning::kCellThreads) clear_cells(const Slice* slices) {
  const HistogramView out = slices[blockIdx.y].out;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * Tuning::kCellThreads;
  for (int64_t k = static_cast<int64_t>(blockIdx.x) * Tuning::kCellThreads + threadIdx.x; k < out.width; k += stride) {
    if (out.is_wide()) {
      out.wide[k] = {};
    } else {
      out.packed[k] = 0;
    }
  }
}

/// out = parent - child for many nodes. Owner: blockIdx.y has a node, a thread cells at a stride, its own alone, so out may be the parent.
/// Memory: 24 to 72 bytes a cell, coalesced. Regime: thousands of cells each.
__global__ void __launch_bounds__(Tuning::kCellThreads) subtract_cells(const SubtractJob* jobs) {
  const SubtractJob job = jobs[blockIdx.y];
  const int64_t stride = static_cast<int64_t>(gridDim.x) * Tuning::kCellThreads;
  for (int64_t k = static_cast<int64_t>(blockIdx.x) * Tuning::kCellThreads + threadIdx.x; k < job.out.width; k += stride) {
    subtract_cell(job.parent, job.child, job.out, k);
  }
}

/// *out = the sums of the first byte's cells. One warp: a few hundred cells, once a tree.
__global__ void __launch_bounds__(kWarp) add_cells(HistogramView histogram, const int32_t* codes, Sums* out) {
  Sums own;
  for (int64_t k = threadIdx.x; k < codes[0]; k += kWarp) own += histogram.at(k);
  own = {warp_reduce(own.g, Sum{}), warp_reduce(own.h, Sum{}), warp_reduce(own.rows, Sum{})};
  if (threadIdx.x == 0) *out = own;
}

dim3 cell_grid(int64_t width, size_t histograms) {
  return dim3(blocks_for(width, 4 * Tuning::kCellThreads), static_cast<unsigned>(histograms));
}

/// Rows of a slice: as many as fill the GPU with blocks, within what a cell holds.
int64_t slice_rows(Exec& exec, int64_t rows, int64_t groups) {
  const int64_t blocks = std::max<int64_t>(1, exec.info().multiprocessors * Tuning::kBlocksPerProcessor / groups);
  return std::clamp((rows + blocks - 1) / blocks, Tuning::kLeastRows, kPackedRows);
}

}  // namespace

void build_histograms(Exec& exec, const BinnedRows& rows, const uint32_t* index, std::span<const BuildJob> jobs) {
  const int64_t columns = rows.records.columns;
  if (jobs.empty() || columns == 0) return;
  const auto group = static_cast<int>(CellPlan::group_of(columns));
  const int64_t groups = (columns + group - 1) / group;
  int64_t all = 0;
  for (const BuildJob& job : jobs) all += job.rows.rows;
  const int64_t most = slice_rows(exec, all, groups);
  std::vector<Slice> slices;
  for (const BuildJob& job : jobs) {
    CRISP_ASSERT(job.out.width == rows.width() && (job.out.is_wide() || job.rows.rows <= kPackedRows));
    slices.push_back({job.out, job.rows.begin, 0});  // these are cleared
  }
  for (const BuildJob& job : jobs) {
    for (int64_t at = 0; at < job.rows.rows; at += most) slices.push_back({job.out, job.rows.begin + at, std::min(most, job.rows.rows - at)});
  }
  const DeviceBuffer<Slice> device(exec, slices.data(), static_cast<int64_t>(slices.size()));
  launch(exec, {cell_grid(rows.width(), jobs.size()), dim3(Tuning::kCellThreads)}, clear_cells, device.data());
  if (slices.size() > jobs.size()) {
    const LaunchShape shape{dim3(static_cast<unsigned>(slices.size() - jobs.size()), static_cast<unsigned>(groups)), dim3(Tuning::kThreads),
                            static_cast<size_t>(rows.cells.group_width) * 2 * sizeof(unsigned)};
    launch(exec, shape, add_slices, rows, index, device.data() + jobs.size(), group, static_cast<int>(std::bit_ceil(static_cast<unsigned>(group))));
  }
}

void subtract_histograms(Exec& exec, std::span<const SubtractJob> jobs) {
  if (jobs.empty()) return;
  const DeviceBuffer<SubtractJob> device(exec, jobs.data(), static_cast<int64_t>(jobs.size()));
  launch(exec, {cell_grid(jobs[0].out.width, jobs.size()), dim3(Tuning::kCellThreads)}, subtract_cells, device.data());
}

Sums total_of(Exec& exec, const BinnedRows& rows, const HistogramView& histogram) {
  DeviceBuffer<Sums> device(exec, 1);
  launch(exec, {dim3(1), dim3(kWarp)}, add_cells, histogram, rows.codes.data, device.data());
  Sums total;
  device.download(exec, &total, 1);
  return total;
}

}  // namespace crisp::gpu
