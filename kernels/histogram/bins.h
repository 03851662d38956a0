/// Values to bin codes: what trees are grown on instead of numbers. Code 0: missing; 1 ... bins: ascending values, or categories.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/histogram/record_layout.h"

namespace crisp {

inline constexpr int kMostBins = 255;  ///< of values; with the missing ones a code is a byte

/// How the columns are cut.
struct Bins {
  std::vector<int64_t> first{0};        ///< columns + 1: column j has the bounds [first[j], first[j + 1]); of categories none
  std::vector<float> bounds;            ///< ascending in a column: a value's code is 1 + the number of bounds below it
  std::vector<int32_t> categories;      ///< one a column; 0: numbers
  std::vector<int64_t> table_first{0};  ///< columns + 1: category c of column j has the code table[table_first[j] + c]
  std::vector<uint8_t> table;

  int64_t columns() const { return static_cast<int64_t>(categories.size()); }
  /// Codes that column j can have, the missing one among them: 2 ... 256.
  int codes(int64_t j) const;
  std::vector<int32_t> all_codes() const;
};

/// Different values of a column, ascending, and how often each stands there: exact, whatever pieces the rows came in.
struct ValueCounts {
  std::vector<float> values;
  std::vector<int64_t> counts;
};

/// Of one column's values that are not NaN; -0 counts as 0. `values` is used up.
ValueCounts count_values(std::vector<float>& values);
/// Of two parts of a column.
ValueCounts merge_counts(const ValueCounts& a, const ValueCounts& b);

/// Up to most_bins - 1 bounds, each between two neighbouring values: where there are at most `most_bins` different ones between all of
/// them; else bins of about the same number of rows, a value that fills one alone having it for itself (as LightGBM's GreedyFindBin).
std::vector<float> cut_values(const ValueCounts& counts, int most_bins);

/// Bins of numbers by the exact counts of all rows; of categories by their codes, the rarest sharing the last bin where there are more
/// than kMostBins. categories: one a column, 0 for numbers. rows: n x columns, on the host. most_bins: 2 ... kMostBins.
Bins fit_bins(Exec& exec, MatrixView<const float> rows, ArrayView<const int32_t> categories, int most_bins);

/// Rows that come in parts: calls what it is given with all of them, part after part, each time the same.
using RowParts = std::function<void(const std::function<void(MatrixView<const float>)>&)>;

/// Makes of the counts of a column's values in some rows those in all.
using MergeCounts = std::function<void(ValueCounts&)>;

/// The same bins, of `rows` rows in parts. Several columns' values are in memory at a time, in about as much as twice a byte
/// for each column takes; so often are the parts asked for. merge: where others have other rows; called column after column.
Bins fit_bins(Exec& exec, int64_t rows, const RowParts& parts, ArrayView<const int32_t> categories, int most_bins, const MergeCounts& merge = {});

/// records.at(i, k) = byte k of row i by its codes, and columns.at(k, i) the same, byte after byte, where `columns` has rows. A category
/// that was not there when the bins were made is missing. On the host, or all on exec's device.
void bin_rows(Exec& exec, const Bins& bins, const RecordLayout& layout, MatrixView<const float> rows, MatrixView<uint8_t> records, MatrixView<uint8_t> columns);

}  // namespace crisp
