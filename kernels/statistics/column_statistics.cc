#include "kernels/statistics/column_statistics.h"

#include <algorithm>

#include "cuda/buffer.h"
#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/statistics/column_statistics_gpu.h"
#include "kernels/statistics/lane_sums.h"

namespace crisp {
namespace {

constexpr int64_t kPivotRows = 31;
/// Chunks a task: few enough to spread a small matrix, enough to make a task worth its start.
constexpr int64_t kChunksPerTask = 16;

LaneSums lane_engine() {
#if defined(__x86_64__)
  if (chosen_isa() == CpuIsa::avx512) return lane_sums_avx512;
  if (chosen_isa() == CpuIsa::avx2) return lane_sums_avx2;
#endif
  return lane_sums_baseline;
}

/// The median of at most kPivotRows values: near the middle whatever the first rows hold.
double pivot_of(int64_t wanted, auto value_at) {
  double sample[kPivotRows];
  int64_t count = 0;
  for (int64_t k = 0; k < wanted; ++k) {
    const double value = value_at(k);
    if (std::isfinite(value)) sample[count++] = value;
  }
  if (count == 0) return 0.0;
  std::nth_element(sample, sample + count / 2, sample + count);
  return sample[count / 2];
}

/// One pivot a column, from rows on the host or on a GPU.
template <class T>
std::vector<double> pivots_of(Exec& exec, MatrixView<const T> rows) {
  std::vector<double> pivots;
  const int64_t wanted = std::min(rows.rows, kPivotRows), step = wanted > 0 ? rows.rows / wanted : 1;
  MatrixView<const T> sample{rows.data, wanted, rows.columns, rows.ld * step};
  std::vector<T> copy;
  if (exec.is_cuda() && is_device_pointer(rows.data)) {
    copy.resize(static_cast<size_t>(wanted * rows.columns));
    const auto width = static_cast<size_t>(rows.columns) * sizeof(T);
    copy_rows(exec, copy.data(), width, rows.data, static_cast<size_t>(sample.ld) * sizeof(T), width, wanted);
    exec.synchronize();
    sample = {copy.data(), wanted, rows.columns, rows.columns};
  }
  for (int64_t j = 0; j < rows.columns; ++j) {
    pivots.push_back(pivot_of(wanted, [&](int64_t i) { return static_cast<double>(sample.at(i, j)); }));
  }
  return pivots;
}

/// Folds the lanes of one chunk by halves into the first; each lane has `stride` columns.
void fold(PowerSums* lanes, int64_t stride) {
  for (int half = kStatisticsLanes / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half * stride; ++k) lanes[k].join(lanes[half * stride + k]);
  }
}

/// sums(begin, end, lanes) fills the lanes of the chunk of rows [begin, end); gives one total a column.
std::vector<PowerSums> over_chunks(Exec& exec, int64_t rows, int64_t columns, auto sums) {
  const int64_t chunks = (rows + kStatisticsChunk - 1) / kStatisticsChunk;
  std::vector<PowerSums> partial(static_cast<size_t>(chunks * columns));
  exec.threads().for_ranges(chunks, kChunksPerTask, [&](int64_t first, int64_t last) {
    std::vector<PowerSums> lanes(static_cast<size_t>(kStatisticsLanes * columns));
    for (int64_t chunk = first; chunk < last; ++chunk) {
      const int64_t begin = chunk * kStatisticsChunk;
      std::fill(lanes.begin(), lanes.end(), PowerSums());
      sums(begin, std::min(rows, begin + kStatisticsChunk), lanes.data());
      fold(lanes.data(), columns);
      std::copy_n(lanes.begin(), columns, partial.begin() + chunk * columns);
    }
  });
  std::vector<PowerSums> total(static_cast<size_t>(columns));
  for (size_t k = 0; k < partial.size(); ++k) total[k % static_cast<size_t>(columns)].join(partial[k]);
  return total;
}

}  // namespace

std::vector<ColumnStatistics> column_statistics(Exec& exec, MatrixView<const float> rows) {
  const NvtxRange range("column_statistics");
  const std::vector<double> pivots = pivots_of(exec, rows);
  const LaneSums engine = lane_engine();
  const auto sums = [&](int64_t begin, int64_t end, PowerSums* lanes) {
    for (int64_t from = begin; from < end; from += kStatisticsLaneRows, lanes += rows.columns) {
      engine({rows.row(from), std::min(end - from, kStatisticsLaneRows), rows.columns, rows.ld},
             pivots.data(), lanes);
    }
  };
  const std::vector<PowerSums> total =
      exec.is_cuda() ? gpu::power_sums(exec, rows, pivots) : over_chunks(exec, rows.rows, rows.columns, sums);
  std::vector<ColumnStatistics> out;
  for (size_t j = 0; j < total.size(); ++j) out.push_back(finish_statistics(total[j], pivots[j], rows.rows));
  return out;
}

ColumnStatistics column_statistics(Exec& exec, ArrayView<const double> values) {
  const NvtxRange range("column_statistics");
  const MatrixView<const double> column{values.data, values.size, 1, 1};
  const std::vector<double> pivots = pivots_of(exec, column);
  const double pivot = pivots[0];
  const auto sums = [&](int64_t begin, int64_t end, PowerSums* lanes) {
    for (int64_t from = begin; from < end; from += kStatisticsLaneRows, ++lanes) {
      const int64_t to = std::min(end, from + kStatisticsLaneRows);
      for (int64_t i = from; i < to; ++i) lanes->add(values[i], pivot);
    }
  };
  const PowerSums total =
      exec.is_cuda() ? gpu::power_sums(exec, column, pivots)[0] : over_chunks(exec, values.size, 1, sums)[0];
  return finish_statistics(total, pivot, values.size);
}

}  // namespace crisp
