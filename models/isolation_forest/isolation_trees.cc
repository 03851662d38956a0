#include "models/isolation_forest/isolation_trees.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cuda/error.h"
#include "cuda/random.h"
#include "models/trees/gather_trees.h"

namespace crisp {
namespace {

constexpr uint64_t kSampleStream = 0x69736f6c61u << 24, kTreeStream = 0x69666f72u << 24;

/// `count` of [0, all), ascending (R. Floyd: J. Bentley, "A sample of brilliance", CACM 1987).
std::vector<int64_t> draw_without_replacement(uint64_t seed, uint64_t stream, int64_t all, int64_t count) {
  std::vector<int64_t> drawn;
  for (int64_t k = all - count; k < all; ++k) {
    const auto one = static_cast<int64_t>(random_below(seed, stream, static_cast<uint64_t>(k), static_cast<uint64_t>(k) + 1));
    const auto place = std::lower_bound(drawn.begin(), drawn.end(), one);
    if (place == drawn.end() || *place != one) drawn.insert(place, one);
    else drawn.push_back(k);
  }
  return drawn;
}

class IsolationTree {
 public:
  IsolationTree(MatrixView<const float> rows, ArrayView<const int32_t> categories, const IsolationPlan& plan, int64_t tree)
      : categories_(categories), plan_(plan), stream_(kTreeStream + static_cast<uint64_t>(tree)) {
    const uint64_t sampling = kSampleStream + 2 * static_cast<uint64_t>(tree);
    const std::vector<int64_t> sample = draw_without_replacement(plan.seed, sampling, rows.rows, std::min(plan.samples, rows.rows));
    rows_ = static_cast<int64_t>(sample.size());
    const auto wanted = std::max<int64_t>(1, static_cast<int64_t>(plan.columns_share * static_cast<double>(rows.columns)));
    for (const int64_t j : draw_without_replacement(plan.seed, sampling + 1, rows.columns, wanted)) columns_.push_back(static_cast<int32_t>(j));
    values_.resize(static_cast<size_t>(rows_ * rows.columns));
    for (int64_t i = 0; i < rows_; ++i) {
      const float* row = rows.row(sample[static_cast<size_t>(i)]);
      for (const int32_t j : columns_) values_[static_cast<size_t>(j * rows_ + i)] = row[j];
    }
    index_.resize(sample.size());
    std::iota(index_.begin(), index_.end(), 0);
    while ((int64_t{1} << most_depth_) < rows_) ++most_depth_;
    trees_.columns = rows.columns;
  }

  Trees grow() {
    add_node();
    open_.push_back({0, 0, rows_, 0});
    while (!open_.empty()) {
      const Open node = open_.back();
      open_.pop_back();
      trees_.cover[static_cast<size_t>(node.place)] = static_cast<float>(node.end - node.begin);
      if (node.end - node.begin < 2 || node.depth >= most_depth_ || !part(node)) {
        trees_.value[static_cast<size_t>(node.place)] = static_cast<double>(node.depth) + isolation_path(node.end - node.begin);
      }
    }
    trees_.first.push_back(trees_.view().nodes());
    return std::move(trees_);
  }

 private:
  struct Open {
    int32_t place;
    int64_t begin, end, depth;
  };

  uint64_t draw_below(uint64_t bound) { return random_below(plan_.seed, stream_, draws_++, bound); }

  int32_t add_node() {
    trees_.feature.push_back(-1);
    trees_.threshold.push_back(0);
    trees_.left.push_back(0);
    trees_.right.push_back(0);
    trees_.missing_left.push_back(0);
    trees_.set.push_back(-1);
    trees_.value.push_back(0);
    trees_.cover.push_back(0);
    trees_.gain.push_back(0);
    return static_cast<int32_t>(trees_.feature.size()) - 1;
  }

  /// Tries columns in random order until one differs among the node's rows.
  bool part(const Open& node) {
    for (size_t k = 0; k < columns_.size(); ++k) {
      std::swap(columns_[k], columns_[k + draw_below(columns_.size() - k)]);
      const int32_t column = columns_[k];
      if (categories_[column] > 0 ? part_categories(node, column) : part_numbers(node, column)) return true;
    }
    return false;
  }

  float value(int32_t column, int32_t row) const { return values_[static_cast<size_t>(column * rows_ + row)]; }

  bool part_numbers(const Open& node, int32_t column) {
    float low = 0, high = 0;
    bool any = false;
    for (int64_t i = node.begin; i < node.end; ++i) {
      const float x = value(column, index_[static_cast<size_t>(i)]);
      if (x != x) continue;
      low = any ? std::min(low, x) : x;
      high = any ? std::max(high, x) : x;
      any = true;
    }
    if (!(low < high)) return false;
    const double span = static_cast<double>(high) - static_cast<double>(low);
    auto threshold = static_cast<float>(static_cast<double>(low) + random_uniform(plan_.seed, stream_, draws_++) * span);
    if (!(threshold < high)) threshold = low;  // rounded up: something must go right
    trees_.threshold[static_cast<size_t>(node.place)] = threshold;
    split(node, column, [&](float x) { return x <= threshold; });
    return true;
  }

  bool part_categories(const Open& node, int32_t column) {
    std::vector<int32_t> codes;
    for (int64_t i = node.begin; i < node.end; ++i) {
      const float x = value(column, index_[static_cast<size_t>(i)]);
      if (x >= 0) codes.push_back(static_cast<int32_t>(x));
    }
    const auto rows = static_cast<int64_t>(codes.size());
    std::sort(codes.begin(), codes.end());
    std::vector<int32_t> different = codes;
    different.erase(std::unique(different.begin(), different.end()), different.end());
    if (different.size() < 2) return false;
    std::vector<uint8_t> in_set(different.size());
    for (bool both = false; !both;) {
      for (uint8_t& in : in_set) in = draw_below(2) == 1;
      both = std::count(in_set.begin(), in_set.end(), 1) % static_cast<std::ptrdiff_t>(in_set.size()) != 0;
    }
    const auto within = [&](int32_t code) {
      return in_set[static_cast<size_t>(std::lower_bound(different.begin(), different.end(), code) - different.begin())] != 0;
    };
    // The set has the larger part: what it does not know goes with the smaller one.
    if (2 * std::count_if(codes.begin(), codes.end(), within) < rows) {
      for (uint8_t& in : in_set) in = 1 - in;
    }
    std::vector<uint32_t> bits(static_cast<size_t>(different.back()) / 32 + 1);
    for (const int32_t code : different) {
      if (within(code)) bits[static_cast<size_t>(code / 32)] |= 1u << (code % 32);
    }
    trees_.set_bits.insert(trees_.set_bits.end(), bits.begin(), bits.end());
    trees_.set[static_cast<size_t>(node.place)] = static_cast<int32_t>(trees_.set_first.size()) - 1;
    trees_.set_first.push_back(static_cast<int64_t>(trees_.set_bits.size()));
    split(node, column, [&](float x) { return x >= 0 && within(static_cast<int32_t>(x)); });
    return true;
  }

  template <class GoesLeft>
  void split(const Open& node, int32_t column, GoesLeft goes_left) {
    int64_t left = 0, there = 0;
    for (int64_t i = node.begin; i < node.end; ++i) {
      const float x = value(column, index_[static_cast<size_t>(i)]);
      there += x == x;
      left += x == x && goes_left(x);
    }
    const bool missing_left = 2 * left >= there;
    const auto begin = index_.begin() + node.begin, end = index_.begin() + node.end;
    const auto middle = std::stable_partition(begin, end, [&](int32_t row) {
      const float x = value(column, row);
      return x == x ? goes_left(x) : missing_left;
    });
    const int32_t left_child = add_node(), right_child = add_node();
    const auto at = static_cast<size_t>(node.place);
    trees_.feature[at] = column;
    trees_.missing_left[at] = missing_left;
    trees_.left[at] = left_child;
    trees_.right[at] = right_child;
    const int64_t cut = middle - index_.begin();
    open_.push_back({right_child, cut, node.end, node.depth + 1});
    open_.push_back({left_child, node.begin, cut, node.depth + 1});
  }

  ArrayView<const int32_t> categories_;
  const IsolationPlan& plan_;
  const uint64_t stream_;
  uint64_t draws_ = 0;
  int64_t rows_ = 0, most_depth_ = 0;
  std::vector<float> values_;  // columns x rows of the sample
  std::vector<int32_t> columns_, index_;
  std::vector<Open> open_;
  Trees trees_;
};

}  // namespace

double isolation_path(int64_t rows) {
  if (rows < 2) return 0;
  double harmonic = 0;
  for (int64_t k = rows - 1; k >= 1; --k) harmonic += 1 / static_cast<double>(k);
  return 2 * harmonic - 2 * static_cast<double>(rows - 1) / static_cast<double>(rows);
}

Trees grow_isolation_trees(Exec& exec, MatrixView<const float> rows, ArrayView<const int32_t> categories, const IsolationPlan& plan, Share which) {
  CRISP_ASSERT(rows.rows >= 2 && plan.samples >= 2 && categories.size == rows.columns && which.end <= plan.trees);
  std::vector<Trees> grown(static_cast<size_t>(which.size()));
  exec.threads().run(which.size(), [&](int64_t t) { grown[static_cast<size_t>(t)] = IsolationTree(rows, categories, plan, which.begin + t).grow(); });
  Trees all;
  all.columns = rows.columns;
  for (const Trees& tree : grown) append_trees(tree, all);
  return all;
}

}  // namespace crisp
