/// One step of a row down a tree, once, for every engine.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace crisp::forest {

/// A node as engines read it: at once, 16 bytes. Siblings lie side by side. A leaf is its own child and sends every value left, so that
/// rows that have arrived may go on stepping while others are under way.
struct alignas(16) Node {
  float threshold;
  uint32_t split;  ///< the feature, kMissingLeft, kHasSet
  int32_t child;   ///< how many nodes further on the left one is; the right one is the next. A leaf: 0
  int32_t extra;   ///< the number of its set; a leaf: its number among the tree's leaves
};

inline constexpr uint32_t kMissingLeft = 1u << 31, kHasSet = 1u << 30, kFeature = kHasSet - 1;

/// Sets of categories, as in TreesView.
struct SetTable {
  const int64_t* first;
  const uint32_t* bits;
};

/// A value stands for the code that it is cut off to; what is below 0 or beyond the set's words is not in it, nor is NaN.
CRISP_HD inline bool in_set(const SetTable& sets, int32_t set, float x) {
  const int64_t begin = sets.first[set], words = sets.first[set + 1] - begin;
  if (!(x >= 0.0f && x < 0x1p31f)) return false;
  const auto code = static_cast<int64_t>(x);
  return code / 32 < words && (sets.bits[begin + code / 32] >> (code % 32) & 1u) != 0;
}

/// 1 where x goes to the right child, else 0. `kSets`: whether any node of the forest has a set; `kMissing`: whether x may be NaN.
template <bool kSets, bool kMissing>
CRISP_HD inline int32_t goes_right(const Node& node, float x, const SetTable& sets) {
  const bool missing_right = kMissing && x != x && (node.split & kMissingLeft) == 0;
  if (kSets && (node.split & kHasSet) != 0) return missing_right || (x == x && !in_set(sets, node.extra, x));
  return missing_right || x > node.threshold;
}

/// The sum once a leaf is added. Of two numbers of 32 bits the sum in 64, rounded, is their sum in 32: 53 bits are 2 * 24 + 2 and more
/// (Figueroa, "When is double rounding innocuous?", SIGNUM 1995).
template <bool kSingle>
CRISP_HD inline double with_leaf(double sum, double value) {
  return kSingle ? static_cast<double>(static_cast<float>(sum + value)) : sum + value;
}

CRISP_HD inline bool is_leaf(const Node& node) { return node.child == 0; }

}  // namespace crisp::forest
