/// Orders by draw: Fisher and Yates with counter-based draws, so that an order is a pure function of seed and stream.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cuda/random.h"

namespace crisp {

/// All values in random order. The draws are those of places first, first + 1, ...: parts of a whole take others of one stream.
template <class T>
void shuffle(std::span<T> values, uint64_t seed, uint64_t stream, uint64_t first = 0) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random_below(seed, stream, first + i, i)]);
}

/// The first `count` places get a random choice of the values in random order. The rest is what was not chosen.
template <class T>
void shuffle_front(std::span<T> values, size_t count, uint64_t seed, uint64_t stream) {
  for (size_t i = 0; i < count; ++i) std::swap(values[i], values[i + random_below(seed, stream, i, values.size() - i)]);
}

/// What shuffle_front() leaves in front of 0, 1, ..., all - 1. Only what was swapped is kept, so a choice costs what it gives, not what there is
/// to choose from.
inline std::vector<size_t> random_choice(size_t all, size_t count, uint64_t seed, uint64_t stream) {
  std::unordered_map<size_t, size_t> moved;  // place -> what stands there now
  const auto at = [&](size_t place) {
    const auto found = moved.find(place);
    return found == moved.end() ? place : found->second;
  };
  std::vector<size_t> chosen;
  for (size_t i = 0; i < count; ++i) {
    const size_t other = i + random_below(seed, stream, i, all - i);
    chosen.push_back(at(other));
    moved[other] = at(i);
  }
  return chosen;
}

}  // namespace crisp
