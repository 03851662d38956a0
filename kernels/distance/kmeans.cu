// GPU engine of k-means: rows, labels and distances stay on the device; integer sums make the order of atomics invisible.
#include <algorithm>
#include <cmath>
#include <utility>

#include "cuda/block.h"
#include "kernels/distance/centroids_gpu.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/kmeans_engine.h"
#include "kernels/distance/pair_sum_row.h"

namespace crisp {

namespace gpu {
namespace {

using namespace distance;
using kmeans::kChunkRows;
using kmeans::kMostTrials;

/// A warp a chunk: minima of the closest distances and those from each candidate, and their sums in the contract's lanes.
/// Rows are read from L1 after the first candidate; lanes are a row apart.
struct MeetChunk {
  MatrixView<const float> shifted;
  const int64_t* candidates;
  int trials;
  int64_t chunks;
  const float* before;
  float* after;  ///< trials x rows
  double* sums;  ///< trials x chunks

  __device__ float squared_distance(const float* a, const float* b) const {
    float total = 0.0f;
    for (int64_t block = 0; block < shifted.columns; block += kColumnBlock) {
      const int64_t end = block + kColumnBlock < shifted.columns ? block + kColumnBlock : shifted.columns;
      float part = 0.0f;
      for (int64_t j = block; j < end; ++j) {
        const float d = a[j] - b[j];
        part += d * d;
      }
      total += part;
    }
    return total;
  }

  __device__ void operator()(int64_t chunk, int lane) const {
    const int64_t begin = chunk * kChunkRows;
    const int64_t end = begin + kChunkRows < shifted.rows ? begin + kChunkRows : shifted.rows;
    for (int t = 0; t < trials; ++t) {
      const float* candidate = shifted.row(candidates[t]);
      double sum = 0;
      for (int64_t i = begin + lane; i < end; i += kWarp) {
        const float found = squared_distance(candidate, shifted.row(i)), old = before[i];
        const float least = found < old ? found : old;
        after[t * shifted.rows + i] = least;
        sum += static_cast<double>(least);
      }
      sum = warp_reduce(sum, Sum{});
      if (lane == 0) sums[t * chunks + chunk] = sum;
    }
  }
};

struct FillValue {
  float value;
  float* to;
  CRISP_HD void operator()(int64_t i) const { to[i] = value; }
};

/// A warp a row: rows that change their cluster take their values from one sum to another. A row's columns are neighbours
/// in memory, so a warp's atomics fall into one or two lines.
struct MoveRow {
  MatrixView<const float> rows;
  const double* factor;
  const int32_t* before;
  const int32_t* after;
  unsigned long long* sums;    ///< clusters x columns, then clusters: counts, then one: rows that changed
  int64_t clusters;

  __device__ void operator()(int64_t i, int lane) const {
    const int32_t from = before[i], to = after[i];
    if (from == to) return;
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      const auto value = static_cast<unsigned long long>(kmeans::fixed_value(rows.at(i, j), factor[j]));
      atomicAdd(&sums[to * rows.columns + j], value);
      if (from >= 0) atomicAdd(&sums[from * rows.columns + j], 0ull - value);
    }
    if (lane != 0) return;
    unsigned long long* counts = sums + clusters * rows.columns;
    atomicAdd(&counts[to], 1ull);
    if (from >= 0) atomicAdd(&counts[from], ~0ull);
    atomicAdd(&counts[clusters], 1ull);
  }
};

template <class T>
DeviceBuffer<T> upload(Exec& exec, const std::vector<T>& values) {
  DeviceBuffer<T> out(exec, values.data(), static_cast<int64_t>(values.size()));
  exec.synchronize();
  return out;
}

class GpuEngine : public kmeans::Engine {
 public:
  GpuEngine(Exec& exec, const kmeans::Problem& problem)
      : exec_(exec),
        problem_(problem),
        shift_(upload(exec, problem.shift)),
        factor_(upload(exec, problem.factor)),
        shifted_(exec, Metric::l2, problem.rows, shift_.data(), relative_slack(problem.rows.columns), false),
        labels_(exec, problem.rows.rows),
        next_(exec, problem.rows.rows) {
    fill_bytes(exec, labels_.data(), 0xff, static_cast<size_t>(labels_.size()) * sizeof(int32_t));  // all -1
  }

  std::vector<double> try_candidates(const std::vector<int64_t>& candidates) override {
    const int64_t n = rows().rows, trials = static_cast<int64_t>(candidates.size());
    if (closest_.size() == 0) {
      closest_ = DeviceBuffer<float>(exec_, n);
      trials_ = DeviceBuffer<float>(exec_, n * kMostTrials);
      launch_rows(exec_, n, FillValue{HUGE_VALF, closest_.data()});
    }
    const DeviceBuffer<int64_t> tried = upload(exec_, candidates);
    const DeviceBuffer<double> sums(exec_, trials * problem_.chunks());
    launch_warp_rows(exec_, problem_.chunks(),
                     MeetChunk{shifted_.view().shifted, tried.data(), static_cast<int>(trials), problem_.chunks(),
                               closest_.data(), trials_.data(), sums.data()});
    std::vector<double> out(static_cast<size_t>(sums.size()));
    sums.download(exec_, out.data(), sums.size());
    return out;
  }

  void choose(int trial) override {
    const int64_t n = rows().rows;
    copy_bytes(exec_, closest_.data(), trials_.data() + trial * n, static_cast<size_t>(n) * sizeof(float));
  }

  std::vector<float> closest(int64_t chunk) override {
    const int64_t begin = chunk * kChunkRows, count = std::min(kChunkRows, rows().rows - begin);
    return downloaded(closest_.data() + begin, count);
  }

  int64_t assign(const std::vector<float>& centroids, kmeans::ClusterSums& sums) override {
    const int64_t columns = rows().columns, clusters = static_cast<int64_t>(sums.counts.size());
    const DeviceBuffer<float> there = upload(exec_, centroids);
    assign_on_device(exec_, shifted_.view(), shift_.data(), {there.data(), clusters, columns, columns}, next_.data());
    DeviceBuffer<unsigned long long> moved(exec_, clusters * (columns + 1) + 1);
    moved.fill_zero(exec_);
    launch_warp_rows(exec_, rows().rows,
                     MoveRow{rows(), factor_.data(), labels_.data(), next_.data(), moved.data(), clusters});
    std::swap(labels_, next_);
    const std::vector<unsigned long long> delta = downloaded(moved.data(), moved.size());
    for (size_t i = 0; i < sums.sums.size(); ++i) sums.sums[i] += static_cast<int64_t>(delta[i]);
    for (size_t c = 0; c < sums.counts.size(); ++c) sums.counts[c] += static_cast<int64_t>(delta[sums.sums.size() + c]);
    return static_cast<int64_t>(delta.back());
  }

  std::vector<float> row(int64_t index) override { return downloaded(rows().row(index), rows().columns); }
  void relabel(int64_t row, int32_t label) override {
    copy_bytes(exec_, labels_.data() + row, &label, sizeof label);
    exec_.synchronize();
  }
  std::vector<int32_t> labels() override { return downloaded(labels_.data(), labels_.size()); }

  std::vector<double> measures(const std::vector<float>& centroids) override {
    const int64_t n = rows().rows, columns = rows().columns, count = static_cast<int64_t>(centroids.size()) / columns;
    const DeviceBuffer<float> there = upload(exec_, centroids);
    const DeviceBuffer<double> out(exec_, n);
    measure_on_device(exec_, rows(), {there.data(), count, columns, columns}, labels_.data(), out.data());
    return downloaded(out.data(), n);
  }

 private:
  MatrixView<const float> rows() const { return shifted_.view().rows; }

  template <class T>
  std::vector<std::remove_const_t<T>> downloaded(T* from, int64_t count) {
    std::vector<std::remove_const_t<T>> out(static_cast<size_t>(count));
    copy_bytes(exec_, out.data(), from, static_cast<size_t>(count) * sizeof(T));
    exec_.synchronize();
    return out;
  }

  Exec& exec_;
  const kmeans::Problem& problem_;
  DeviceBuffer<float> shift_;
  DeviceBuffer<double> factor_;
  ShiftedRows shifted_;
  DeviceBuffer<int32_t> labels_, next_;
  DeviceBuffer<float> closest_, trials_;
};

}  // namespace
}  // namespace gpu

namespace kmeans {

std::unique_ptr<Engine> gpu_engine(Exec& exec, const Problem& problem) {
  return std::make_unique<gpu::GpuEngine>(exec, problem);
}

}  // namespace kmeans
}  // namespace crisp
