// All calls of Thrust. On a GPU they run on exec's stream with scratch from its memory pool; on the emulated device they
// run through Thrust's serial back end on the same calls, between the kernels that the stream holds.
#if defined(__CUDACC__)
#include <thrust/system/cuda/execution_policy.h>
#else
#define THRUST_DEVICE_SYSTEM THRUST_DEVICE_SYSTEM_CPP
#include <thrust/system/cpp/execution_policy.h>
#endif
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/unique.h>

#include "cuda/algorithm_gpu.h"
#include "cuda/buffer.h"
#include "cuda/launch.h"

namespace crisp::gpu {
namespace {

#if defined(__CUDACC__)
/// Thrust's scratch memory from the stream's pool: plain cudaMalloc would stop the whole device.
struct PoolAllocator {
  using value_type = char;
  Exec* exec;
  char* allocate(std::ptrdiff_t bytes) const {
    return static_cast<char*>(allocate_device(*exec, static_cast<size_t>(bytes)));
  }
  void deallocate(char* pointer, size_t) const { free_device(pointer, exec->stream()); }
};

/// work(policy), where the policy names the stream.
template <class Work>
auto on_device(Exec& exec, Work work) {
  PoolAllocator allocator{&exec};
  return work(thrust::cuda::par_nosync(allocator).on(static_cast<cudaStream_t>(exec.stream())));
}
template <class T>
void mark_written(ArrayView<T>) {}
#else
template <class Work>
auto on_device(Exec& exec, Work work) {
  exec.synchronize();  // a library call is ordered behind the stream's work
  const emulation::DeviceMemoryAccess access;
  return work(thrust::cpp::par);
}
template <class T>
void mark_written(ArrayView<T> values) {
  emulation::DeviceMemoryAccess().wrote(values.data, static_cast<size_t>(values.size) * sizeof(T));
}
#endif

/// Which segment a value belongs to: the last offset that is not beyond it.
struct FindSegment {
  ArrayView<const int64_t> offsets;
  uint32_t* segment;
  CRISP_HD void operator()(int64_t i) const {
    int64_t low = 0, high = offsets.size - 1;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      (offsets[middle] <= i ? low : high) = middle;
    }
    segment[i] = static_cast<uint32_t>(low);
  }
};

}  // namespace

void sort(Exec& exec, ArrayView<double> v) {
  on_device(exec, [&](auto policy) { thrust::sort(policy, v.begin(), v.end()); });
}

void sort(Exec& exec, ArrayView<int64_t> v) {
  on_device(exec, [&](auto policy) { thrust::sort(policy, v.begin(), v.end()); });
}

void sort_segments(Exec& exec, ArrayView<double> v, ArrayView<const int64_t> offsets) {
  if (v.size == 0) return;
  const DeviceBuffer<uint32_t> segment(exec, v.size);
  launch_rows(exec, v.size, FindSegment{offsets, segment.data()});
  on_device(exec, [&](auto policy) {
    uint32_t* keys = segment.data();
    thrust::stable_sort_by_key(policy, v.begin(), v.end(), keys);
    thrust::stable_sort_by_key(policy, keys, keys + v.size, v.begin());
  });
}

void sort_by_key(Exec& exec, ArrayView<uint32_t> keys, ArrayView<double> values) {
  on_device(exec, [&](auto policy) { thrust::stable_sort_by_key(policy, keys.begin(), keys.end(), values.begin()); });
}

int64_t exclusive_scan(Exec& exec, ArrayView<const int64_t> in, ArrayView<int64_t> out) {
  const int64_t total = gpu::sum(exec, in);  // before `out` may overwrite `in`
  on_device(exec, [&](auto policy) { thrust::exclusive_scan(policy, in.begin(), in.end(), out.begin(), int64_t{0}); });
  mark_written(out);
  return total;
}

int64_t sum(Exec& exec, ArrayView<const int64_t> v) {
  return on_device(exec, [&](auto policy) { return thrust::reduce(policy, v.begin(), v.end(), int64_t{0}); });
}

int64_t unique(Exec& exec, ArrayView<int64_t> v) {
  return on_device(exec, [&](auto policy) { return thrust::unique(policy, v.begin(), v.end()) - v.begin(); });
}

}  // namespace crisp::gpu
