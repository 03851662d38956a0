/// How many different values a column has and which are frequent, in bounded memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/cell_hash.h"

namespace crisp {

/// Counts keys, each of them as long as there are at most `limit` different ones; from then on only keys whose hash
/// (mixed()) lies
/// in a part of all hashes, a part that is halved whenever it holds too many (Wegman's adaptive sampling; Flajolet,
/// "On adaptive sampling", Computing 43, 1990). Every occurrence of a key in that part is counted.
class KeySample {
 public:
  explicit KeySample(size_t limit) : limit_(limit), slots_(64) {}

  void add(uint64_t key);

  bool exact() const { return level_ == 0; }
  size_t size() const { return used_; }
  /// Different keys: exact, or with a standard error of at most 1.3 / sqrt(limit).
  int64_t distinct() const { return static_cast<int64_t>(used_) << level_; }
  /// Occurrences beyond the first of each key: exact, or estimated from the sample.
  int64_t repeats() const;

  struct Entry {
    uint64_t key = 0;
    int64_t count = 0;  ///< 0: the slot is free
  };
  const std::vector<Entry>& entries() const { return slots_; }

 private:
  bool sampled(uint64_t hash) const { return level_ == 0 || (hash >> (64 - level_)) == 0; }
  Entry& slot_of(uint64_t key);
  void rebuild(size_t slots);

  size_t limit_, used_ = 0;
  int level_ = 0;
  std::vector<Entry> slots_;  // a power of two of them, at most half of them used
};

/// The values of one column. Exact while at most kExactValues differ. From then on the number of different values is an
/// estimate, and the kTracked values most frequent until then go on being counted, exactly.
constexpr size_t kExactValues = size_t{1} << 16;
constexpr size_t kTracked = 1024;

class ValueCounts {
 public:
  struct Counted {
    uint64_t key;
    int64_t count, first;  ///< `first`: order of first occurrence among texts, 0 for other cells
    std::string text;      ///< of texts
  };

  /// `key` tells values apart: the bits of a number, the hash of a text.
  void add(uint64_t key);
  void add(std::string_view text);

  bool exact() const { return sample_.exact(); }
  int64_t distinct(int64_t count) const;
  /// 1 - entropy / log(distinct); 0 where not exact.
  double imbalance(int64_t count) const;
  /// In no order: all values, or those tracked.
  std::vector<Counted> counted() const;

 private:
  void track();
  KeySample::Entry& tracked(uint64_t key);

  KeySample sample_{kExactValues};
  std::vector<KeySample::Entry> tracked_;  // once there are kExactValues values; count 0: a free slot
  std::unordered_map<uint64_t, std::pair<int64_t, std::string>> texts_;
};

}  // namespace crisp
