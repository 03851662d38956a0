#include "tests/emulation/planted_kernels.h"

#include <map>

#include "cuda/block.h"
#include "cuda/buffer.h"

namespace planted {
namespace {

using crisp::dynamic_shared;
constexpr int kThreads = 128;

__device__ int thread() { return static_cast<int>(threadIdx.x); }

/// Block sum: thread 0 reads the warps' parts with (kRight) or without the barrier between.
template <bool kRight>
__global__ void warp_parts(int* out) {
  __shared__ int part[4];
  const int sum = crisp::warp_reduce(thread(), crisp::Sum{});
  if (crisp::lane_index() == 0) part[crisp::warp_index()] = sum;
  if (kRight) __syncthreads();
  if (thread() == 0) out[0] = part[0] + part[1] + part[2] + part[3];
}

/// The guard lets one thread too many write; `out` has 100 values.
__global__ void write_past_global(int* out) {
  if (thread() <= 100) out[thread()] = thread();
}

__global__ void write_past_static_shared(int* out) {
  __shared__ int shared[kThreads - 1];
  shared[thread()] = thread();
  __syncthreads();
  out[0] = shared[0];
}

/// Launched with shared memory for 127 values.
__global__ void write_past_dynamic_shared(int* out) {
  int* shared = dynamic_shared<int>();
  shared[thread()] = thread();
  __syncthreads();
  if (thread() == 0) out[0] = shared[0];
}

__global__ void divergent_barrier(int* out) {
  if (thread() < 64) {
    __syncthreads();
    out[thread()] = 1;
  } else {
    out[thread()] = 2;
    __syncthreads();
  }
}

/// The last value was never written.
__global__ void uninitialised_shared(int* out) {
  __shared__ int shared[kThreads];
  if (thread() < kThreads - 1) shared[thread()] = 1;
  __syncthreads();
  out[thread()] = shared[thread()];
}

__global__ void uninitialised_global(const int* in, int* out) { out[thread()] = in[thread()]; }

template <bool kRight>
__global__ void exchange_in_warp(int* out) {
  __shared__ int shared[kThreads];
  shared[thread()] = thread();
  if (kRight) __syncwarp();
  out[thread()] = shared[thread() ^ 31];
}

template <bool kRight>
__global__ void count_threads(int* out) {
  __shared__ int count;
  if (thread() == 0) count = 0;
  __syncthreads();
  if (kRight) {
    atomicAdd(&count, 1);
  } else {
    count = count + 1;
  }
  __syncthreads();
  if (thread() == 0) out[0] = count;
}

__global__ void shuffle_outside_mask(int* out) {
  int value = thread();
  if (thread() & 1) value = __shfl_xor_sync(0xaaaaaaaau, value, 1);
  out[thread()] = value;
}

/// Half a warp shuffles with everybody, the other half waits at the barrier.
__global__ void half_a_warp(int* out) {
  if (thread() < 16) {
    out[thread()] = __shfl_sync(crisp::kAllLanes, thread(), 0);
  } else {
    __syncthreads();
  }
}

/// Two blocks add to one word without an atomic.
__global__ void blocks_race(int* out) {
  if (thread() == 0) out[0] = out[0] + static_cast<int>(blockIdx.x);
}

__global__ void touch_host_memory(const int* host, int* out) { out[thread()] = host[thread()]; }

__global__ void misaligned_vector(const float* in, float* out) {
  const float4 value = crisp::load_vector<float4>(in + 1);
  out[thread()] = value.x;
}

struct Bench {
  crisp::Exec& exec;
  crisp::DeviceBuffer<int> out;
  explicit Bench(crisp::Exec& e, int64_t size = 1024) : exec(e), out(e, size) { out.fill_zero(e); }

  template <class... Parameters, class... Arguments>
  void operator()(void (*kernel)(Parameters...), unsigned blocks, size_t shared, Arguments... arguments) {
    crisp::launch(exec, {dim3(blocks), dim3(kThreads), shared}, kernel, arguments...);
    exec.synchronize();
  }
};

void run_simple(crisp::Exec& exec, void (*kernel)(int*), unsigned blocks = 1, size_t shared = 0) {
  Bench bench(exec);
  bench(kernel, blocks, shared, bench.out.data());
}

void run_misaligned(crisp::Exec& exec) {
  Bench bench(exec);
  auto* floats = reinterpret_cast<float*>(bench.out.data());
  bench(misaligned_vector, 1, 0, static_cast<const float*>(floats), floats + 512);
}

void run_uninitialised_global(crisp::Exec& exec) {
  Bench bench(exec);
  const crisp::DeviceBuffer<int> in(exec, kThreads);
  bench(uninitialised_global, 1, 0, static_cast<const int*>(in.data()), bench.out.data());
}

void run_host_pointer(crisp::Exec& exec) {
  Bench bench(exec);
  const std::vector<int> host(kThreads, 1);
  bench(touch_host_memory, 1, 0, host.data(), bench.out.data());
}

void run_past_global(crisp::Exec& exec) {
  Bench bench(exec, 100);
  bench(write_past_global, 1, 0, bench.out.data());
}

/// The host reads device memory directly.
void dereference_on_host(crisp::Exec& exec) {
  const Bench bench(exec);
  exec.synchronize();
  const volatile int value = bench.out.data()[3];
  (void)value;
}

}  // namespace

void run(crisp::Exec& exec, const std::string& name) {
  static const std::map<std::string, void (*)(crisp::Exec&)> kernels = {
      {"missing_syncthreads", [](crisp::Exec& e) { run_simple(e, warp_parts<false>); }},
      {"right_syncthreads", [](crisp::Exec& e) { run_simple(e, warp_parts<true>); }},
      {"write_past_global", run_past_global},
      {"write_past_static_shared", [](crisp::Exec& e) { run_simple(e, write_past_static_shared); }},
      {"write_past_dynamic_shared",
       [](crisp::Exec& e) { run_simple(e, write_past_dynamic_shared, 1, (kThreads - 1) * sizeof(int)); }},
      {"divergent_barrier", [](crisp::Exec& e) { run_simple(e, divergent_barrier); }},
      {"uninitialised_shared", [](crisp::Exec& e) { run_simple(e, uninitialised_shared); }},
      {"uninitialised_global", run_uninitialised_global},
      {"missing_syncwarp", [](crisp::Exec& e) { run_simple(e, exchange_in_warp<false>); }},
      {"right_syncwarp", [](crisp::Exec& e) { run_simple(e, exchange_in_warp<true>); }},
      {"lost_update", [](crisp::Exec& e) { run_simple(e, count_threads<false>); }},
      {"right_update", [](crisp::Exec& e) { run_simple(e, count_threads<true>); }},
      {"shuffle_outside_mask", [](crisp::Exec& e) { run_simple(e, shuffle_outside_mask); }},
      {"half_a_warp", [](crisp::Exec& e) { run_simple(e, half_a_warp); }},
      {"blocks_race", [](crisp::Exec& e) { run_simple(e, blocks_race, 4); }},
      {"host_pointer", run_host_pointer},
      {"misaligned_vector", run_misaligned},
      {"dereference_on_host", dereference_on_host},
  };
  kernels.at(name)(exec);
}

}  // namespace planted
