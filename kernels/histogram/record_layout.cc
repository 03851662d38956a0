#include "kernels/histogram/record_layout.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace crisp {
namespace {

/// Rounded up to whole lines of the cache, of 8 cells.
int32_t whole_lines(int32_t cells) { return (cells + 7) / 8 * 8; }

/// Once the bytes are known.
RecordLayout with_cells(RecordLayout layout) {
  CellPlan& cells = layout.cells;
  const int32_t widest = layout.codes.empty() ? 0 : *std::max_element(layout.codes.begin(), layout.codes.end());
  cells.spacing = std::max<int64_t>(16, std::bit_ceil(static_cast<uint32_t>(widest)));
  int64_t tight = 0;
  for (const int32_t values : layout.codes) tight += whole_lines(values);
  cells.even = 4 * tight >= 3 * layout.bytes() * cells.spacing;
  int32_t next = 0;
  for (const int32_t values : layout.codes) {
    layout.first.push_back(next);
    next += cells.even ? static_cast<int32_t>(cells.spacing) : whole_lines(values);
  }
  layout.first.push_back(next);
  cells.width = next;
  const int64_t group = CellPlan::group_of(layout.bytes());
  for (int64_t begin = 0; begin < layout.bytes(); begin += group) {
    const int64_t end = std::min(begin + group, layout.bytes());
    cells.group_width = std::max<int64_t>(cells.group_width, layout.first[static_cast<size_t>(end)] - layout.first[static_cast<size_t>(begin)]);
  }
  return layout;
}

}  // namespace

RecordLayout plain_layout(std::span<const int32_t> codes) {
  RecordLayout layout;
  for (const int32_t count : codes) {
    layout.places.push_back({static_cast<int32_t>(layout.bytes()), 1, count});
    layout.codes.push_back(count);
  }
  return with_cells(std::move(layout));
}

RecordLayout shared_layout(std::span<const int32_t> codes) {
  RecordLayout layout;
  int32_t open = -1;  // the byte that others may share
  for (const int32_t count : codes) {
    const bool few = count <= kMostShared;
    if (few && open >= 0 && layout.codes[static_cast<size_t>(open)] * count <= kMostTogether) {
      int32_t& values = layout.codes[static_cast<size_t>(open)];
      layout.places.push_back({open, values, count});
      values *= count;
      continue;
    }
    if (few) open = static_cast<int32_t>(layout.bytes());
    layout.places.push_back({static_cast<int32_t>(layout.bytes()), 1, count});
    layout.codes.push_back(count);
  }
  return with_cells(std::move(layout));
}

CodeSides sides_of_byte(const ColumnPlace& place, const CodeSides& left) {
  CodeSides sides{};
  for (size_t value = 0; value < sides.size(); ++value) sides[value] = left[static_cast<size_t>(place.code_in(static_cast<int>(value)))];
  return sides;
}

}  // namespace crisp
