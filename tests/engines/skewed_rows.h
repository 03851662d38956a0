/// Values for the tests of scaling.
#pragma once

#include <cmath>
#include <vector>

#include "cuda/random.h"

namespace crisp {

/// Positive and skewed, so that every method applies; some missing.
inline std::vector<float> skewed_rows(int64_t size) {
  std::vector<float> out(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    // Missing values of either sign: one that is sorted by its bits would come first.
    out[i] = i % 13 == 5 ? (i % 2 == 0 ? NAN : -NAN) : static_cast<float>(0.01 + 50 * std::pow(random_uniform(1, 1, static_cast<uint64_t>(i)), 3));
  }
  return out;
}

}  // namespace crisp
