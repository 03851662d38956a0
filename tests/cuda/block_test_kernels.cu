#include "tests/cuda/block_test_kernels.h"

#include "cuda/block.h"

namespace crisp {
namespace {

__global__ void block_primitives(const int* in, const float* floats, BlockResults out) {
  __shared__ int scratch[kMaxWarps];
  __shared__ float float_scratch[kMaxWarps];
  const auto i = static_cast<int>(threadIdx.x);
  out.sum[i] = block_reduce(in[i], Sum{}, scratch);
  out.minimum[i] = block_reduce(in[i], Minimum{}, scratch);
  // Right after each function its scratch is written again: the barrier that each ends with is needed.
  const Prefix<int> first = block_rank(in[i] > 0, scratch);
  out.float_sum[i] = block_reduce(floats[i], Sum{}, float_scratch);
  const Prefix<int> prefix = block_scan(in[i], scratch);
  out.before[i] = prefix.before;
  out.total[i] = prefix.total;
  const Prefix<int> others = block_rank(in[i] <= 0, scratch);
  const Prefix<int> rank = block_rank(in[i] > 0, scratch);
  out.rank[i] = rank.before;
  out.chosen[i] = static_cast<int>(blockDim.x) - others.total == rank.total && first.before == rank.before ? rank.total : -1;
}

struct PhiloxRow {
  uint64_t seed, stream;
  ArrayView<RandomBlock> out;
  CRISP_HD void operator()(int64_t i) const { out[i] = philox(seed, stream, static_cast<uint64_t>(i)); }
};

struct DoubleFour {
  const float* in;
  float* out;
  __device__ void operator()(int64_t i) const {
    const float4 v = load_vector<float4>(in + 4 * i);
    store_vector(out + 4 * i, make_float4(2 * v.x, 2 * v.y, 2 * v.z, 2 * v.w));
  }
};

__global__ void reverse(const int* in, int* out) {
  int* values = dynamic_shared<int>();
  values[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = values[blockDim.x - 1 - threadIdx.x];
}

}  // namespace

void run_block_primitives(Exec& exec, ArrayView<const int> in, ArrayView<const float> floats, const BlockResults& out) {
  launch(exec, {dim3(1), dim3(static_cast<unsigned>(in.size))}, block_primitives, in.data, floats.data, out);
}

void run_philox(Exec& exec, uint64_t seed, uint64_t stream, ArrayView<RandomBlock> out) {
  launch_rows(exec, out.size, PhiloxRow{seed, stream, out});
}

void run_vector_copy(Exec& exec, ArrayView<const float> in, ArrayView<float> out) {
  launch_rows(exec, in.size / 4, DoubleFour{in.data, out.data});
}

void run_reverse(Exec& exec, ArrayView<const int> in, ArrayView<int> out) {
  const auto threads = static_cast<unsigned>(in.size);
  launch(exec, {dim3(1), dim3(threads), threads * sizeof(int)}, reverse, in.data, out.data);
}

}  // namespace crisp
