// GPU engine of partitions: votes, counts, ranks; the same order as the CPU's because ranks are.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/buffer.h"
#include "kernels/histogram/nodes_gpu.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256, kWarps = kThreads / kWarp;
  static constexpr int kChunk = 4096, kWords = kChunk / kWarp;  // rows of a block; votes of 32 rows are a word
};

/// PartitionJob with an array that kernels may read.
struct DeviceJob {
  NodeRows rows;
  int32_t byte;
  uint8_t left[256];
};

/// A block's part of a node: its rows [first, first + kChunk), and the node's chunks among all.
struct Chunk {
  int32_t job, number;
  int64_t first_chunk, chunks;
};

/// Each row's vote, 32 to a word, and how many of the chunk go left. votes: kWords a chunk, counts: one a chunk.
/// Owner: a block a chunk, a warp 32 neighbouring rows of it at a time. Shared: a count a warp; the node's 256 sides come from L1.
/// Memory: 4 bytes of index a row, coalesced, and its code: a sector of 32 bytes where rows lie far apart, 1 byte near the root.
/// Regime: nodes of any size, many at once.
__global__ void __launch_bounds__(Tuning::kThreads)
    vote_rows(MatrixView<const uint8_t> columns, const uint32_t* index, const DeviceJob* jobs, const Chunk* chunks, uint32_t* votes, int* counts) {
  __shared__ int scratch[kMaxWarps];
  const Chunk chunk = chunks[blockIdx.x];
  const DeviceJob* job = jobs + chunk.job;
  const int64_t first = static_cast<int64_t>(chunk.number) * Tuning::kChunk, begin = job->rows.begin + first, rest = job->rows.rows - first;
  const uint8_t* codes = columns.row(job->byte);
  const int lane = lane_index();
  int lefts = 0;
  for (int word = warp_index(); word * kWarp < Tuning::kChunk && word * kWarp < rest; word += Tuning::kWarps) {
    const int i = word * kWarp + lane;
    const bool left = i < rest && job->left[codes[index[begin + i]]] != 0;
    const unsigned vote = __ballot_sync(kAllLanes, left);
    lefts += left ? 1 : 0;
    if (lane == 0) votes[static_cast<int64_t>(blockIdx.x) * Tuning::kWords + word] = vote;
  }
  const int all = block_reduce(lefts, Sum{}, scratch);
  if (threadIdx.x == 0) counts[blockIdx.x] = all;
}

/// Each row to its place in `room`: left ones in their order, then right ones in theirs; lefts, where it is asked for: how many of each node go left.
/// Owner: a block a chunk, a warp 32 neighbouring rows. Every block adds up the counts of its node's chunks: at 100 million rows 24,000
/// from L2, less than another kernel. Shared: where each word's left rows begin, 512 bytes, and sums of warps.
/// Memory: 4 bytes of index and an eighth of votes a row, coalesced; left and right rows of a warp are each stored side by side.
/// Regime: as vote_rows.
__global__ void __launch_bounds__(Tuning::kThreads)
    scatter_rows(const uint32_t* index, const DeviceJob* jobs, const Chunk* chunks, const uint32_t* votes, const int* counts, uint32_t* room,
                 int64_t* lefts) {
  __shared__ int64_t scratch[kMaxWarps];
  __shared__ int word_scratch[kMaxWarps];
  __shared__ int before_word[Tuning::kWords];
  static_assert(Tuning::kWords <= Tuning::kThreads);
  const Chunk chunk = chunks[blockIdx.x];
  const NodeRows node = jobs[chunk.job].rows;
  const int64_t first = static_cast<int64_t>(chunk.number) * Tuning::kChunk, rest = node.rows - first;
  int64_t own_before = 0, own_all = 0;
  for (int64_t k = threadIdx.x; k < chunk.chunks; k += Tuning::kThreads) {
    const int count = counts[chunk.first_chunk + k];
    own_all += count;
    if (k < chunk.number) own_before += count;
  }
  const int64_t before = block_reduce(own_before, Sum{}, scratch);
  const int64_t all = block_reduce(own_all, Sum{}, scratch);
  if (lefts && threadIdx.x == 0 && chunk.number == 0) lefts[chunk.job] = all;
  const uint32_t* own_votes = votes + static_cast<int64_t>(blockIdx.x) * Tuning::kWords;
  const int thread = static_cast<int>(threadIdx.x);
  const bool has_word = thread < Tuning::kWords && static_cast<int64_t>(thread) * kWarp < rest;
  const Prefix<int> prefix = block_scan(has_word ? __popc(own_votes[thread]) : 0, word_scratch);
  if (has_word) before_word[thread] = prefix.before;
  __syncthreads();
  for (int word = warp_index(); word * kWarp < Tuning::kChunk && word * kWarp < rest; word += Tuning::kWarps) {
    const int i = word * kWarp + lane_index();
    if (i >= rest) continue;
    const unsigned vote = own_votes[word], lane_bit = 1u << lane_index();
    const int64_t left_place = before + before_word[word] + __popc(vote & (lane_bit - 1));
    const int64_t place = (vote & lane_bit) != 0 ? left_place : all + first + i - left_place;
    room[node.begin + place] = index[node.begin + first + i];
  }
}

/// The node's rows from `room` to where they were. Owner: a block a chunk, a thread rows at a stride. 8 bytes a row, coalesced.
/// Regime: as vote_rows.
__global__ void __launch_bounds__(Tuning::kThreads)
    return_rows(const uint32_t* room, const DeviceJob* jobs, const Chunk* chunks, uint32_t* index) {
  const Chunk chunk = chunks[blockIdx.x];
  const NodeRows node = jobs[chunk.job].rows;
  const int64_t first = static_cast<int64_t>(chunk.number) * Tuning::kChunk;
  for (int64_t i = first + threadIdx.x; i < first + Tuning::kChunk && i < node.rows; i += Tuning::kThreads) {
    index[node.begin + i] = room[node.begin + i];
  }
}

}  // namespace

void partition_nodes(Exec& exec, MatrixView<const uint8_t> columns, uint32_t* index, uint32_t* room, std::span<const PartitionJob> jobs,
                     std::span<int64_t> lefts) {
  std::vector<DeviceJob> nodes;
  std::vector<Chunk> chunks;
  for (size_t k = 0; k < jobs.size(); ++k) {
    DeviceJob& node = nodes.emplace_back(DeviceJob{jobs[k].rows, jobs[k].byte, {}});
    std::copy(jobs[k].left.begin(), jobs[k].left.end(), node.left);
    const int64_t count = (jobs[k].rows.rows + Tuning::kChunk - 1) / Tuning::kChunk, first = static_cast<int64_t>(chunks.size());
    for (int64_t number = 0; number < count; ++number) chunks.push_back({static_cast<int32_t>(k), static_cast<int32_t>(number), first, count});
  }
  std::fill(lefts.begin(), lefts.end(), 0);
  if (chunks.empty()) return;
  const auto count = static_cast<int64_t>(chunks.size());
  const DeviceBuffer<DeviceJob> device_jobs(exec, nodes.data(), static_cast<int64_t>(nodes.size()));
  const DeviceBuffer<Chunk> device_chunks(exec, chunks.data(), count);
  const DeviceBuffer<uint32_t> votes(exec, count * Tuning::kWords);
  const DeviceBuffer<int> counts(exec, count);
  const DeviceBuffer<int64_t> device_lefts(exec, lefts.data(), static_cast<int64_t>(lefts.size()));  // 0 where a node has no rows
  const LaunchShape shape{dim3(static_cast<unsigned>(count)), dim3(Tuning::kThreads)};
  launch(exec, shape, vote_rows, columns, index, device_jobs.data(), device_chunks.data(), votes.data(), counts.data());
  launch(exec, shape, scatter_rows, index, device_jobs.data(), device_chunks.data(), votes.data(), counts.data(), room,
         device_lefts.data());
  launch(exec, shape, return_rows, room, device_jobs.data(), device_chunks.data(), index);
  if (!lefts.empty()) device_lefts.download(exec, lefts.data(), static_cast<int64_t>(lefts.size()));
}

}  // namespace crisp::gpu
