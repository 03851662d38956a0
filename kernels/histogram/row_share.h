/// A share of the rows that several processes grow the same trees on.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace crisp {

/// Where the rows at hand stand among all, and what the processes do together; without functions the rows at
/// hand are all. Every process makes the same calls in the same order. What they exchange is whole numbers
/// and maxima, so the trees are those of one process, bit for bit.
struct RowShare {
  int64_t first = 0;                              ///< the first row's number among all
  std::function<void(std::span<int64_t>)> sum{};  ///< each number becomes its sum over the processes
  std::function<void(std::span<float>)> most{};   ///< each number becomes the largest of all processes'

  bool several() const { return static_cast<bool>(sum); }
};

}  // namespace crisp
