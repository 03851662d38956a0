#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "cuda/shuffle.h"
#include "prepare/arrow_grouping.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

constexpr int64_t kMaxSeed = int64_t{1} << 62;
/// Streams of random numbers, so that a sample and a shuffle of one seed do not look alike.
enum Stream : uint64_t { kShuffleStream = 0x7368756666ull, kSampleStream = 0x73616d706cull };

class Sort : public Step {
 public:
  Sort(std::vector<std::string> by, std::vector<uint8_t> descending)
      : by_(std::move(by)), descending_(std::move(descending)) {}
  bool keeps_rows() const override { return false; }
  Reach reach() const override { return Reach::order; }
  std::string title() const override { return concat("sort by ", listed(by_)); }
  Table apply(StepRun&, const Table& table) const override {
    std::vector<Value> keys;
    for (const std::string& name : by_) keys.push_back(column_value(table, name));
    return table.take(sorted_rows(keys, descending_));
  }

 private:
  std::vector<std::string> by_;
  std::vector<uint8_t> descending_;
};

/// A random choice of `count` rows in random order.
std::vector<int64_t> shuffled(int64_t rows, int64_t count, uint64_t seed, Stream stream) {
  std::vector<int64_t> order(static_cast<size_t>(rows));
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle_front(std::span(order), static_cast<size_t>(count), seed, stream);
  order.resize(static_cast<size_t>(count));
  return order;
}

class Shuffle : public Step {
 public:
  explicit Shuffle(uint64_t seed) : seed_(seed) {}
  bool keeps_rows() const override { return false; }
  Reach reach() const override { return Reach::order; }
  std::string title() const override { return concat("shuffle with seed ", seed_); }
  Table apply(StepRun&, const Table& table) const override {
    return table.take(shuffled(table.rows(), table.rows(), seed_, kShuffleStream));
  }

 private:
  uint64_t seed_;
};

class Sample : public Step {
 public:
  Sample(int64_t rows, double fraction, uint64_t seed) : rows_(rows), fraction_(fraction), seed_(seed) {}
  bool keeps_rows() const override { return false; }
  Reach reach() const override { return Reach::order; }
  std::string title() const override {
    return rows_ >= 0 ? concat("sample ", counted(rows_, "row")) : concat("sample ", fraction_ * 100, " %");
  }
  Table apply(StepRun&, const Table& table) const override {
    const int64_t wanted = rows_ >= 0 ? rows_ : std::llround(fraction_ * static_cast<double>(table.rows()));
    if (wanted >= table.rows()) return table;
    std::vector<int64_t> rows = shuffled(table.rows(), wanted, seed_, kSampleStream);
    std::sort(rows.begin(), rows.end());
    return table.take(rows);
  }

 private:
  int64_t rows_;  ///< -1: by fraction
  double fraction_;
  uint64_t seed_;
};

uint64_t read_seed(StepOptions& options) {
  return static_cast<uint64_t>(options.integer("seed", 0, kMaxSeed, 0));
}

}  // namespace

StepPtr make_sort(StepOptions& options) {
  std::vector<std::string> by = options.names("by");
  std::vector<uint8_t> descending(by.size(), 0);
  if (options.has("descending") && options.raw("descending").is_array()) {
    const std::vector<std::string> down = options.names("descending");
    for (const std::string& name : down) {
      const auto place = std::find(by.begin(), by.end(), name);
      if (place == by.end()) fail(Code::config, "key 'descending' names '", name, "', which is not in 'by'");
      descending[static_cast<size_t>(place - by.begin())] = 1;
    }
  } else {
    std::fill(descending.begin(), descending.end(), options.flag("descending", false));
  }
  return std::make_unique<Sort>(std::move(by), std::move(descending));
}

StepPtr make_shuffle(StepOptions& options) { return std::make_unique<Shuffle>(read_seed(options)); }

StepPtr make_sample(StepOptions& options) {
  const bool by_rows = options.has("rows"), by_fraction = options.has("fraction");
  const int64_t rows = options.integer("rows", 0, int64_t{1} << 40, -1);
  const double fraction = options.number("fraction", 0.0, 1.0, 0.0);
  const uint64_t seed = read_seed(options);
  options.finish();
  if (by_rows == by_fraction) fail(Code::config, "give either rows or fraction");
  return std::make_unique<Sample>(rows, fraction, seed);
}

}  // namespace crisp
