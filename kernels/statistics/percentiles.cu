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
/// Memory: floats take 16 of the 32 bytes of a sector, doubles all; the neighbouring block, which runs beside it, finds the rest in L2. Integer
/// shared atomics are one instruction on every architecture.
/// Regime: the first digit, where every value counts and popular digits would queue up at one global counter.
template <class T>
__global__ void __launch_bounds__(Tuning::kThreads) count_first_digits(MatrixView<const T> rows, const int64_t* first,
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
      const T value = __ldg(&rows.at(begin + i, column));
      if (value == value) atomicAdd(&histogram[in_group * kDigitValues + key_digit<T>(ordered_key(value), 0)], 1u);
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
template <class T, int digit>
struct CountLaterDigit {
  MatrixView<const T> rows;
  const int64_t* first;
  const int32_t* tables[digit];
  const int64_t* table_begin[digit];
  Count* counts;

  __device__ void operator()(int64_t i, int lane) const {
    for (int64_t j = lane; j < rows.columns; j += kWarp) {
      const T value = rows.at(i, j);
      if (value != value) continue;
      const auto key = ordered_key(value);
      int32_t slot = 0;
#pragma unroll
      for (int d = 0; d < digit; ++d) {
        if (slot < 0) break;
        slot = tables[d][table_begin[d][j] + static_cast<int64_t>(slot) * kDigitValues + key_digit<T>(key, d)];
      }
      if (slot >= 0) atomicAdd(&counts[(first[j] + slot) * kDigitValues + key_digit<T>(key, digit)], Count{1});
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

template <class T, int digit>
void count_later_digits(Exec& exec, MatrixView<const T> rows, const int64_t* first, const DigitSearch& search,
                        Count* counts) {
  CountLaterDigit<T, digit> count{rows, first, {}, {}, counts};
  std::vector<DeviceBuffer<int32_t>> tables;
  std::vector<DeviceBuffer<int64_t>> begins;
  for (int d = 0; d < digit; ++d) {
    tables.push_back(upload(exec, search.tables[d]));
    begins.push_back(upload(exec, search.table_begin[d]));
    count.tables[d] = tables.back().data();
    count.table_begin[d] = begins.back().data();
  }
  launch_warp_rows(exec, rows.rows, count);
}

/// The kernel of the digit that is looked at: digits are constants.
template <class T, int digit = 1>
void count_later(Exec& exec, MatrixView<const T> rows, const int64_t* first, const DigitSearch& search, Count* counts) {
  if constexpr (digit < KeyOf<T>::kDigits) {
    if (search.digit == digit) return count_later_digits<T, digit>(exec, rows, first, search, counts);
    count_later<T, digit + 1>(exec, rows, first, search, counts);
  }
}

template <class T>
std::vector<int64_t> counted(Exec& exec, MatrixView<const T> rows, const DigitSearch& search) {
  DeviceBuffer<Count> counts(exec, search.slots * kDigitValues);
  counts.fill_zero(exec);
  if (rows.rows == 0 || rows.columns == 0 || search.slots == 0) return download(exec, counts);
  const DeviceMatrixInput<T> in(exec, rows);
  const auto first = upload(exec, search.first);
  if (search.digit == 0) {
    const dim3 grid(blocks_for(rows.columns, Tuning::kColumns), blocks_for(rows.rows, Tuning::kBlockRows, 65535));
    CRISP_ASSERT(rows.rows <= int64_t{65535} * Tuning::kBlockRows);
    launch(exec, {grid, dim3(Tuning::kThreads)}, count_first_digits<T>, in.view(), first.data(), counts.data());
  } else {
    count_later<T>(exec, in.view(), first.data(), search, counts.data());
  }
  return download(exec, counts);
}

}  // namespace

std::vector<int64_t> count_digits(Exec& exec, MatrixView<const float> rows, const DigitSearch& search) {
  return counted(exec, rows, search);
}

std::vector<int64_t> count_digits(Exec& exec, MatrixView<const double> rows, const DigitSearch& search) {
  return counted(exec, rows, search);
}

std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high, int64_t bins) {
  const DeviceInput<double> in(exec, values);
  DeviceBuffer<Count> counts(exec, bins);
  counts.fill_zero(exec);
  launch_rows(exec, values.size, CountBin{in.data(), low, high, bins, counts.data()});
  return download(exec, counts);
}

}  // namespace crisp::gpu
