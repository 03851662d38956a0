/// Rows as trees are grown on them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "cuda/view.h"

namespace crisp {

/// A row is a record: a code a column, and its gradient word in the last four bytes, so that the line of the cache that is fetched for the
/// codes brings the gradient too. The codes stand a second time column after column, for partitions. On the host, or all on a device.
struct BinnedRows {
  MatrixView<uint8_t> records;          ///< rows x columns; ld, a multiple of 16, leaves room for the word
  MatrixView<const uint8_t> columns;    ///< columns x rows
  ArrayView<const int32_t> codes;       ///< one a column: codes that it can have
  int64_t spacing = 256;                ///< column j has the cells j * spacing + code of a histogram; 16, 32, 64, 128 or 256

  CRISP_HD int64_t rows() const { return records.rows; }
  CRISP_HD int64_t width() const { return records.columns * spacing; }  ///< cells of a histogram
  CRISP_HD uint8_t* record(int64_t i) const { return records.row(i); }
  CRISP_HD uint32_t& word(int64_t i) const { return *reinterpret_cast<uint32_t*>(records.row(i) + records.ld - 4); }

  /// The least spacing for columns of up to so many codes.
  static int64_t spacing_of(int32_t most_codes) { return std::max<int64_t>(16, std::bit_ceil(static_cast<uint32_t>(most_codes))); }
  /// Bytes of a record.
  static int64_t stride_of(int64_t columns) { return (columns + 4 + 15) / 16 * 16; }
};

}  // namespace crisp
