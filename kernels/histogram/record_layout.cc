#include "kernels/histogram/record_layout.h"

#include <algorithm>

#include "kernels/histogram/binned.h"

namespace crisp {
namespace {

constexpr int64_t kLeastLimit = 32;

}  // namespace

RecordLayout plain_layout(std::span<const int32_t> codes) {
  RecordLayout layout;
  for (const int32_t count : codes) {
    layout.places.push_back({static_cast<int32_t>(layout.bytes()), 1, count});
    layout.codes.push_back(count);
  }
  return layout;
}

RecordLayout shared_layout(std::span<const int32_t> codes) {
  RecordLayout layout;
  const int32_t widest = codes.empty() ? 0 : *std::max_element(codes.begin(), codes.end());
  const int64_t limit = std::max(kLeastLimit, BinnedRows::spacing_of(widest));
  int32_t open = -1;  // the byte that others may share
  for (const int32_t count : codes) {
    const bool few = count <= kMostShared;
    if (few && open >= 0 && layout.codes[static_cast<size_t>(open)] * count <= limit) {
      int32_t& values = layout.codes[static_cast<size_t>(open)];
      layout.places.push_back({open, values, count});
      values *= count;
      continue;
    }
    if (few) open = static_cast<int32_t>(layout.bytes());
    layout.places.push_back({static_cast<int32_t>(layout.bytes()), 1, count});
    layout.codes.push_back(count);
  }
  return layout;
}

CodeSides sides_of_byte(const ColumnPlace& place, const CodeSides& left) {
  CodeSides sides{};
  for (size_t value = 0; value < sides.size(); ++value) sides[value] = left[static_cast<size_t>(place.code_in(static_cast<int>(value)))];
  return sides;
}

}  // namespace crisp
