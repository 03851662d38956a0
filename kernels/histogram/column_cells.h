/// One column's cells of a node's histogram.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/histogram/histogram.h"

namespace crisp {

struct ColumnCells {
  HistogramView histogram;
  int64_t first;   ///< of code 0
  int32_t codes;
};

/// Memory for the cells of columns that share a byte, one after the other: sums of the byte's.
class OwnCells {
 public:
  /// Until the next call. On the host.
  ColumnCells of(const BinnedRows& rows, const HistogramView& histogram, int32_t column) {
    const ColumnPlace& place = rows.places[column];
    const int64_t first = rows.first[place.byte];
    const int32_t values = rows.codes[place.byte];
    if (place.codes == values) return {histogram, first, place.codes};
    if (histogram.is_wide()) {
      add_up(place, values, histogram.wide + first, wide_);
      return {{nullptr, wide_.data(), kMostShared}, 0, place.codes};
    }
    add_up(place, values, histogram.packed + first, packed_);
    return {{packed_.data(), nullptr, kMostShared}, 0, place.codes};
  }

 private:
  /// Of packed cells too: each part of a sum is the parts' sum.
  template <class Cell>
  static void add_up(const ColumnPlace& place, int32_t values, const Cell* cells, std::array<Cell, kMostShared>& sums) {
    std::fill(sums.begin(), sums.end(), Cell{});
    for (int32_t begin = 0; begin < values; begin += place.step * place.codes) {
      for (int32_t code = 0; code < place.codes; ++code) {
        for (int32_t k = 0; k < place.step; ++k) sums[static_cast<size_t>(code)] += *cells++;
      }
    }
  }

  std::array<uint64_t, kMostShared> packed_;
  std::array<Sums, kMostShared> wide_;
};

}  // namespace crisp
