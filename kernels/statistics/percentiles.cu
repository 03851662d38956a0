// GPU engine of the counting passes behind percentiles, and of histograms. Counts are integers: equal on every engine.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/statistics/percentiles_gpu.h"
#include "kernels/statistics/percentiles_row.h"

namespace crisp::gpu {
namespace {

using Count = unsigned long long;

struct Tuning {
  static constexpr int kThreads = 512;
  static constexpr int kColumns = 4;             // histograms in shared memory: 4 x 2,048 x 4 bytes = 32 KB
  static constexpr int64_t kBlockRows = 1 << 16;  // per block, so that clearing and adding up 32 KB is little beside it
};

/// counts[(first[column]) * 2048 + digit 0] += values of the column, for all columns. rows: n x columns.
/// Owner: a block takes 4 neighbouring columns of 65,536 rows; a thread one value at a time, columns fastest.
/// Shared (static): 4 histograms of 2,048 counters, 32 KB: two to seven blocks fit a multiprocessor of every card.
/// Memory: 16 of the 32 bytes of a sector; the neighbouring block, which runs beside it, finds the rest in L2. Integer
/// shared atomics are one instruction on every architecture.
/// Regime: the first digit, where every value counts and popular digits would queue up at one global counter.
__global__ void __launch_bounds__(Tuning::kThreads) count_first_digits(MatrixView<const float> rows, const int64_t* first,
                                                                       Count* counts) {
  __shared__ unsigned histogram[Tuning::kColumns * kDigitValues];
  for (unsigned k = threadIdx.x; k < Tuning::kColumns * kDigitValues; k += blockDim.x) histogram[k] = 0;
  __syncthreads();
  const int64_t begin = static_cast<int64_t>(blockIdx.y) * Tuning::kBlockRows;
  const int64_t size = rows.rows - begin < Tuning::kBlockRows ? rows.rows - begin : Tuning::kBlockRows;
  const unsigned in_group = threadIdx.x % Tuning::kColumns;
  const int64_t column = static_cast<int64_t>(blockIdx.x) * Tuning::kColumns + in_group;
  if (column < rows.columns) {
    for (int64_t i = threadIdx.x / Tuning::kColumns; i < size; i += Tuning::kThreads / Tuning::kColumns) {
      const float value = __ldg(&rows.at(begin + i, column));
      if (value == value) atomicAdd(&histogram[in_group * kDigitValues + key_digit(ordered_key(value), 0)], 1u);
    }
  }
  __syncthreads();
  for (unsigned k = threadIdx.x; k < Tuning::kColumns * kDigitValues; k += blockDim.x) {
    const int64_t target = static_cast<int64_t>(blockIdx.x) * Tuning::kColumns + k / kDigitValues;
    if (target < rows.columns && histogram[k] > 0) {
      atomicAdd(&counts[first[target] * kDigitValues + k % kDigitValues], static_cast<Count>(histogram[k]));
    }
  }
}

/// A later digit: only values whose earlier digits lead to a histogram count, a small part of all, so counters in global
/// memory do. A warp owns a row. The digit is a constant, so that the tables' pointers stay in registers.
template <int digit>
struct CountLaterDigit {
  MatrixView<const float> rows;
  const int64_t* first;
  const int32_t* tables[2];
  const int64_t* table_begin[2];
  Count* counts;

  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      const float value = rows.at(i, j);
      if (value != value) continue;
      const uint32_t key = ordered_key(value);
      int32_t slot = 0;
#pragma unroll
      for (int d = 0; d < digit; ++d) {
        if (slot < 0) break;
        slot = tables[d][table_begin[d][j] + static_cast<int64_t>(slot) * kDigitValues + key_digit(key, d)];
      }
      if (slot >= 0) atomicAdd(&counts[(first[j] + slot) * kDigitValues + key_digit(key, digit)], Count{1});
    }
  }
};

struct CountBin {
  const double* values;
  double low, high;
  int64_t bins;
  Count* counts;
  __device__ void operator()(int64_t i) const {
    const int64_t bin = histogram_bin(values[i], low, high, bins);
    if (bin >= 0) atomicAdd(&counts[bin], Count{1});
  }
};

std::vector<int64_t> download(Exec& exec, const DeviceBuffer<Count>& counts) {
  std::vector<int64_t> out(static_cast<size_t>(counts.size()));
  copy_bytes(exec, out.data(), counts.data(), out.size() * sizeof(int64_t));
  exec.synchronize();
  return out;
}

template <class T>
DeviceBuffer<T> upload(Exec& exec, const std::vector<T>& values) {
  return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size()));
}

}  // namespace

std::vector<int64_t> count_digits(Exec& exec, MatrixView<const float> rows, const DigitSearch& search) {
  DeviceBuffer<Count> counts(exec, search.slots * kDigitValues);
  counts.fill_zero(exec);
  if (rows.rows == 0 || rows.columns == 0) return download(exec, counts);
  const DeviceMatrixInput<float> in(exec, rows);
  const auto first = upload(exec, search.first);
  if (search.digit == 0) {
    const dim3 grid(blocks_for(rows.columns, Tuning::kColumns), blocks_for(rows.rows, Tuning::kBlockRows, 65535));
    CRISP_ASSERT(rows.rows <= int64_t{65535} * Tuning::kBlockRows);
    launch(exec, {grid, dim3(Tuning::kThreads)}, count_first_digits, in.view(), first.data(), counts.data());
    return download(exec, counts);
  }
  const DeviceBuffer<int32_t> tables[2] = {upload(exec, search.tables[0]), upload(exec, search.tables[1])};
  const DeviceBuffer<int64_t> begins[2] = {upload(exec, search.table_begin[0]), upload(exec, search.table_begin[1])};
  const auto count_later = [&]<int digit>() {
    launch_warp_rows(exec, rows.rows,
                     CountLaterDigit<digit>{in.view(), first.data(), {tables[0].data(), tables[1].data()},
                                            {begins[0].data(), begins[1].data()}, counts.data()});
  };
  if (search.digit == 1) {
    count_later.operator()<1>();
  } else {
    count_later.operator()<2>();
  }
  return download(exec, counts);
}

std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high, int64_t bins) {
  const DeviceInput<double> in(exec, values);
  DeviceBuffer<Count> counts(exec, bins);
  counts.fill_zero(exec);
  launch_rows(exec, values.size, CountBin{in.data(), low, high, bins, counts.data()});
  return download(exec, counts);
}

}  // namespace crisp::gpu
