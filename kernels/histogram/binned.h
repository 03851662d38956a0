/// Rows as trees are grown on them.
#pragma once

#include <cstdint>

#include "cuda/view.h"
#include "kernels/histogram/record_layout.h"

namespace crisp {

/// A row is a record: a byte for each column's code, or for several columns' (record_layout.h), and its gradient word in the last four, so that the line of
/// the cache that is fetched for the codes brings the gradient too. The bytes stand a second time one after the other, for partitions. On the host, or all
/// on a device.
struct BinnedRows {
  MatrixView<uint8_t> records;          ///< rows x bytes; ld, a multiple of 16, leaves room for the word
  MatrixView<const uint8_t> columns;    ///< bytes x rows
  ArrayView<const int32_t> codes;       ///< one a byte: values that it can have
  ArrayView<const ColumnPlace> places;  ///< one a column
  ArrayView<const int32_t> first;       ///< bytes + 1: byte j's cells of a histogram begin at first[j]
  CellPlan cells;

  CRISP_HD int64_t rows() const { return records.rows; }
  CRISP_HD int64_t width() const { return cells.width; }  ///< cells of a histogram
  CRISP_HD uint8_t* record(int64_t i) const { return records.row(i); }
  CRISP_HD uint32_t& word(int64_t i) const { return *reinterpret_cast<uint32_t*>(records.row(i) + records.ld - 4); }

  /// Bytes of a record.
  /// One with three quarters of a last line of the cache has the whole: else every second one would lie in a line more.
  static int64_t stride_of(int64_t bytes) {
    const int64_t least = (bytes + 4 + 15) / 16 * 16;
    return least % 64 == 48 ? least + 16 : least;
  }
};

}  // namespace crisp
