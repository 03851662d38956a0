/// How often each row counts: what a resample of a bootstrap is, without copying a row.
#pragma once

#include <cstdint>
#include <span>

namespace crisp {

/// One count a row; empty: every row once.
using RowCounts = std::span<const uint32_t>;

inline int64_t count_of(RowCounts counts, size_t row) { return counts.empty() ? 1 : counts[row]; }

/// Calls body(row, count) for every row that counts.
template <class Body>
void for_counted_rows(RowCounts counts, size_t rows, Body body) {
  for (size_t row = 0; row < rows; ++row) {
    const int64_t count = count_of(counts, row);
    if (count != 0) body(row, count);
  }
}

}  // namespace crisp
