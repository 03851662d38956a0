#include "kernels/histogram/split_values.h"

#include <limits>

namespace crisp {

int32_t append_set(const CodeSides& left, const Bins& bins, int32_t column, Trees& trees) {
  const auto at = static_cast<size_t>(column);
  const int32_t categories = bins.categories[at];
  const uint8_t* table = bins.table.data() + bins.table_first[at];
  std::vector<uint32_t> bits(static_cast<size_t>(categories + 31) / 32);
  for (int32_t c = 0; c < categories; ++c) {
    if (left[table[c]]) bits[static_cast<size_t>(c / 32)] |= 1u << (c % 32);
  }
  trees.set_bits.insert(trees.set_bits.end(), bits.begin(), bits.end());
  trees.set_first.push_back(static_cast<int64_t>(trees.set_bits.size()));
  return static_cast<int32_t>(trees.set_first.size()) - 2;
}

float threshold_of(const Bins& bins, int32_t column, int32_t code) {
  const auto at = static_cast<size_t>(column);
  const int64_t place = bins.first[at] + code - 1;
  return place < bins.first[at + 1] ? bins.bounds[static_cast<size_t>(place)] : std::numeric_limits<float>::max();
}

}  // namespace crisp
