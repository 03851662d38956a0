#include "cuda/algorithm.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "cuda/algorithm_gpu.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "cuda/staging.h"

namespace crisp {
namespace {

/// work(view on the device) for an array that is read and written.
template <class T, class Work>
auto in_place(Exec& exec, ArrayView<T> values, Work work) {
  DeviceOutput<T> staged(exec, values);
  staged.load(exec);
  if constexpr (std::is_void_v<decltype(work(staged.view()))>) {
    work(staged.view());
    staged.finish(exec);
  } else {
    const auto result = work(staged.view());
    staged.finish(exec);
    return result;
  }
}

template <class T>
void sort_any(Exec& exec, ArrayView<T> values) {
  const NvtxRange range("sort");
  if (exec.is_cuda()) return in_place(exec, values, [&](ArrayView<T> v) { gpu::sort(exec, v); });
  std::sort(values.begin(), values.end());
}

}  // namespace

void sort(Exec& exec, ArrayView<double> values) { sort_any(exec, values); }
void sort(Exec& exec, ArrayView<int64_t> values) { sort_any(exec, values); }

void sort_segments(Exec& exec, ArrayView<double> values, ArrayView<const int64_t> offsets) {
  const NvtxRange range("sort_segments");
  const int64_t segments = offsets.size - 1;
  CRISP_ASSERT(segments >= 0 && segments < INT32_MAX);
  if (exec.is_cuda()) {
    const DeviceInput<int64_t> bounds(exec, offsets);
    return in_place(exec, values, [&](ArrayView<double> v) { gpu::sort_segments(exec, v, bounds.view()); });
  }
  exec.threads().run(segments, [&](int64_t s) { std::sort(values.data + offsets[s], values.data + offsets[s + 1]); });
}

void sort_by_key(Exec& exec, ArrayView<uint32_t> keys, ArrayView<double> values) {
  const NvtxRange range("sort_by_key");
  CRISP_ASSERT(keys.size == values.size);
  if (exec.is_cuda()) {
    return in_place(exec, keys, [&](ArrayView<uint32_t> k) {
      in_place(exec, values, [&](ArrayView<double> v) { gpu::sort_by_key(exec, k, v); });
    });
  }
  std::vector<std::pair<uint32_t, double>> pairs;
  pairs.reserve(static_cast<size_t>(keys.size));
  for (int64_t i = 0; i < keys.size; ++i) pairs.emplace_back(keys[i], values[i]);
  std::ranges::stable_sort(pairs, std::less<>(), &std::pair<uint32_t, double>::first);
  for (int64_t i = 0; i < keys.size; ++i) {
    keys[i] = pairs[static_cast<size_t>(i)].first;
    values[i] = pairs[static_cast<size_t>(i)].second;
  }
}

int64_t exclusive_scan(Exec& exec, ArrayView<const int64_t> in, ArrayView<int64_t> out) {
  const NvtxRange range("exclusive_scan");
  CRISP_ASSERT(in.size == out.size);
  if (exec.is_cuda()) {
    const DeviceInput<int64_t> from(exec, in);
    DeviceOutput<int64_t> to(exec, out);
    const int64_t total = gpu::exclusive_scan(exec, from.view(), to.view());
    to.finish(exec);
    return total;
  }
  const int64_t total = std::accumulate(in.begin(), in.end(), int64_t{0});
  std::exclusive_scan(in.begin(), in.end(), out.begin(), int64_t{0});
  return total;
}

int64_t sum(Exec& exec, ArrayView<const int64_t> values) {
  const NvtxRange range("sum");
  if (exec.is_cuda()) return gpu::sum(exec, DeviceInput<int64_t>(exec, values).view());
  return std::accumulate(values.begin(), values.end(), int64_t{0});
}

int64_t unique(Exec& exec, ArrayView<int64_t> values) {
  const NvtxRange range("unique");
  if (exec.is_cuda()) return in_place(exec, values, [&](ArrayView<int64_t> v) { return gpu::unique(exec, v); });
  return std::unique(values.begin(), values.end()) - values.begin();
}

}  // namespace crisp
