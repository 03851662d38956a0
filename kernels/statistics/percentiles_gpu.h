/// The CUDA engine of the counting passes; called by the dispatch in percentiles.cc only. Data on host or device.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/statistics/percentiles_row.h"

namespace crisp::gpu {

constexpr int kMostTables = KeyOf<double>::kDigits - 1;

/// What a counting pass looks for: per column its first histogram, and for each earlier digit d the tables that lead from
/// (histogram, digit value) to the next histogram, -1 for none; table d of a column begins at table_begin[d][column].
struct DigitSearch {
  int digit = 0;
  int64_t slots = 0;  ///< histograms of this pass, over all columns
  std::vector<int64_t> first;
  std::vector<int32_t> tables[kMostTables];
  std::vector<int64_t> table_begin[kMostTables];
};

/// counts[slot * 2048 + value of the digit].
std::vector<int64_t> count_digits(Exec& exec, MatrixView<const float> rows, const DigitSearch& search);
std::vector<int64_t> count_digits(Exec& exec, MatrixView<const double> rows, const DigitSearch& search);

std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high, int64_t bins);

}  // namespace crisp::gpu
