/// The order in which a node looks at columns.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "cuda/random.h"

namespace crisp {

class DrawnColumns {
 public:
  /// random: also where a node looks at all columns; else these are ascending.
  DrawnColumns(int64_t columns, bool random) : random_(random), columns_(static_cast<size_t>(columns)) {
    std::iota(columns_.begin(), columns_.end(), 0);
  }

  int64_t size() const { return static_cast<int64_t>(columns_.size()); }

  /// A node's draws, without replacement; it wants so many of them at first.
  void begin(uint64_t seed, uint64_t stream, int64_t wanted) {
    for (; !swaps_.empty(); swaps_.pop_back()) std::swap(columns_[swaps_.size() - 1], columns_[swaps_.back()]);
    seed_ = seed;
    stream_ = stream;
    drawn_ = 0;
    draws_ = random_ || wanted < size();
  }

  /// The next one, size() times at most.
  int32_t next() {
    const size_t k = drawn_++;
    if (!draws_) return columns_[k];
    swaps_.push_back(k + random_below(seed_, stream_, k, columns_.size() - k));
    std::swap(columns_[k], columns_[swaps_.back()]);
    return columns_[k];
  }

 private:
  const bool random_;
  std::vector<int32_t> columns_;
  std::vector<size_t> swaps_;  // of the node, to be undone
  uint64_t seed_ = 0, stream_ = 0;
  size_t drawn_ = 0;
  bool draws_ = false;
};

}  // namespace crisp
