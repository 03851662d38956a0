/// Which byte of a record has a column's codes: one of its own, or one that columns of few codes share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/host_device.h"
#include "kernels/histogram/cells.h"
#include "kernels/histogram/partition.h"

namespace crisp {

/// A byte's value is the sum of step times code over its columns: steps are the products of the codes of the columns before.
struct ColumnPlace {
  int32_t byte = 0, step = 1;
  int32_t codes = 256;  ///< that the column can have

  CRISP_HD int code_in(int value) const { return value / step % codes; }
};

/// How the cells of bytes lie in a histogram: one byte's behind the other's, in whole lines of the cache; or, where that saves little, all `spacing` apart,
/// which is a constant of the loop that adds rows.
struct CellPlan {
  int64_t width = 0;        ///< of all bytes
  int64_t spacing = 0;      ///< 16, 32, 64, 128 or 256: the least for the byte of most values
  bool even = false;        ///< all `spacing` apart
  int64_t group_width = 0;  ///< of the widest group of bytes that a GPU's block takes, see group_of()

  /// Bytes of a group: groups are as even as can be.
  static constexpr int64_t kGroup = 32;
  static int64_t group_of(int64_t bytes) {
    const int64_t groups = (bytes + kGroup - 1) / kGroup;
    return groups > 0 ? (bytes + groups - 1) / groups : 0;
  }
};

struct RecordLayout {
  std::vector<ColumnPlace> places;  ///< one a column
  std::vector<int32_t> codes;       ///< one a byte: values that it can have
  std::vector<int32_t> first;       ///< bytes + 1: where its cells begin
  CellPlan cells;

  int64_t columns() const { return static_cast<int64_t>(places.size()); }
  int64_t bytes() const { return static_cast<int64_t>(codes.size()); }
};

/// Of columns of so many codes each, 2 ... 256. Every column has a byte.
RecordLayout plain_layout(std::span<const int32_t> codes);
/// Neighbours among the columns of up to kMostShared codes have a byte together, as far as their product is no more than kMostTogether:
/// a histogram is then fewer additions a row; a column's own cells are sums of the byte's. Three yes-or-no columns are 27 values with the missing ones.
RecordLayout shared_layout(std::span<const int32_t> codes);
inline constexpr int32_t kMostShared = 16, kMostTogether = 256;

/// The sides of codes as sides of the byte's values.
CodeSides sides_of_byte(const ColumnPlace& place, const CodeSides& left);

/// cell(value) summed over the byte's values that are the column's `code`; the byte has `values` of them.
template <class Cell>
CRISP_HD inline auto sum_of_code(const ColumnPlace& place, int values, int code, const Cell& cell) {
  auto sum = cell(place.step * code);
  for (int begin = 0; begin < values; begin += place.step * place.codes) {
    for (int k = begin == 0 ? 1 : 0; k < place.step; ++k) sum += cell(begin + place.step * code + k);
  }
  return sum;
}

}  // namespace crisp
