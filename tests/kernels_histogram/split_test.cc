#include "kernels/histogram/split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cuda/cpu_isa.h"
#include "kernels/histogram/split_row.h"
#include "tests/kernels_histogram/binned_sample.h"

namespace crisp {
namespace {

/// A node of all rows of a sample.
struct NodeCase {
  BinnedSample sample;
  OwnedHistogram histogram;
  std::vector<int32_t> columns, categories;
  SplitNode node;

  NodeCase(int64_t rows, std::vector<int32_t> codes, uint64_t seed, std::vector<int32_t> categories_of = {})
      : sample(rows, std::move(codes), seed), histogram(sample.view().width(), rows > kPackedRows), categories(std::move(categories_of)) {
    columns.resize(sample.codes.size());
    std::iota(columns.begin(), columns.end(), 0);
    categories.resize(columns.size());
    const auto all = [](const auto& v) { return ArrayView{v.data(), static_cast<int64_t>(v.size())}; };
    node = {histogram.view, {}, -1e308, 1e308, all(columns), all(categories), 0};
    build();
  }

  /// Once more, where the sample was changed.
  void build() {
    Exec exec(Device::cpu(), 1);
    std::vector<uint32_t> index(static_cast<size_t>(sample.rows));
    std::iota(index.begin(), index.end(), 0u);
    build_histogram(exec, sample.view(), {index.data(), sample.rows}, histogram.view);
    node.total = total_of(sample.view(), histogram.view);
  }

  Split find(const SplitRules& rules, int threads = 1, RoundScale scale = {}) {
    Exec exec(Device::cpu(), threads);
    return find_split(exec, sample.view(), node, rules, scale);
  }

  /// Sums of the rows that go left by `sides` of the column.
  Sums left_of(int32_t column, const CodeSides& sides) {
    Sums sums;
    for (int64_t i = 0; i < sample.rows; ++i) {
      if (sides[sample.view().record(i)[column]]) sums += sample.sums_of(i);
    }
    return sums;
  }
};

double half_score(double g, double h, double lambda) { return g * g / (h + lambda); }

/// Every threshold of every column, both ways for missing values, in long double.
struct BestByTrial {
  double gain = 0;
  int32_t column = -1;
};
BestByTrial best_by_trial(NodeCase& of, double lambda, int64_t min_rows, double min_weight) {
  BestByTrial best;
  const Side total = side_of(of.node.total);
  for (const int32_t column : of.columns) {
    const int32_t codes = of.sample.codes[static_cast<size_t>(column)];
    for (int32_t last = 1; last < codes; ++last) {
      for (const bool missing_left : {false, true}) {
        CodeSides sides{};
        sides[0] = missing_left;
        for (int32_t c = 1; c <= last; ++c) sides[static_cast<size_t>(c)] = 1;
        const Side left = side_of(of.left_of(column, sides));
        const Side right{total.g - left.g, total.h - left.h, total.rows - left.rows};
        if (left.rows < static_cast<double>(min_rows) || right.rows < static_cast<double>(min_rows) || left.h < min_weight || right.h < min_weight) continue;
        const double gain = half_score(left.g, left.h, lambda) + half_score(right.g, right.h, lambda) - half_score(total.g, total.h, lambda);
        if (gain > best.gain * (1 + 1e-12)) best = {gain, column};
      }
    }
  }
  return best;
}

TEST(Splits, AreTheBestOfAll) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const int64_t rows = seed % 4 == 0 ? kPackedRows + 100 : 30 + 50 * static_cast<int64_t>(seed);
    NodeCase of(rows, {2, 3, 9, 40, 8, 17}, seed);
    SplitRules rules;
    rules.lambda_l2 = seed % 2 ? 3 : 0;
    rules.min_child_rows = seed % 3 ? 1 : 10;
    rules.min_child_weight = 50;
    const Split split = of.find(rules);
    const BestByTrial want = best_by_trial(of, rules.lambda_l2, rules.min_child_rows, rules.min_child_weight);
    ASSERT_EQ(split.column, want.column) << seed;
    EXPECT_NEAR(split.gain / want.gain, 1, 1e-9);
    EXPECT_EQ(split.left_sums, of.left_of(split.column, split.left)) << "what it says of its left side is so";
  }
}

TEST(Splits, AreEqualForEveryInstructionSetAndThreadCount) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    NodeCase of(seed % 2 ? 5000 : 2 * kPackedRows, {256, 31, 200, 7, 64, 255, 90, 12, 3}, seed);
    for (const double alpha : {0.0, 100.0}) {
      SplitRules rules;
      rules.lambda_l2 = 1;
      rules.lambda_l1 = alpha;
      const Split want = of.find(rules);
      ASSERT_GE(want.column, 0);
      for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
        isa_limit() = isa;
        for (const int threads : {1, 2, 5}) {
          const Split got = of.find(rules, threads);
          EXPECT_EQ(got.column, want.column);
          EXPECT_EQ(got.gain, want.gain) << "bit for bit";
          EXPECT_EQ(got.left, want.left);
        }
      }
      isa_limit() = CpuIsa::avx512;
    }
  }
}

TEST(Splits, OfEqualGainAreOfTheFirstColumnAndLowestCode) {
  NodeCase of(400, {5, 5, 5}, 3);
  for (int64_t i = 0; i < 400; ++i) {
    for (int32_t j = 0; j < 3; ++j) of.sample.records[static_cast<size_t>(i * of.sample.stride + j)] = static_cast<uint8_t>(i % 2 ? 4 : 2);
    of.sample.view().word(i) = gradient_word(i % 2 ? 7 : -7, 1);
  }
  of.build();
  for (const int threads : {1, 3}) {
    const Split split = of.find({}, threads);
    EXPECT_EQ(split.column, 0);
    EXPECT_EQ(split.code, 2) << "codes 2 and 3 part the rows alike";
  }
}

TEST(Splits, AreNotMadeWhereNothingIsGained) {
  NodeCase of(300, {4, 4}, 5);
  SplitRules rules;
  const double gain = of.find(rules).gain;
  rules.min_split_gain = gain;
  EXPECT_EQ(of.find(rules).column, -1) << "more than this, not this";
  rules.min_split_gain = gain * 0.999;
  EXPECT_EQ(of.find(rules).gain, gain);
  rules.min_child_rows = 151;
  EXPECT_EQ(of.find(rules).column, -1);
}

TEST(Splits, ObeyMonotoneColumns) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    NodeCase of(500, {30}, seed);
    for (const int8_t direction : {int8_t{1}, int8_t{-1}}) {
      SplitRules rules;
      rules.lambda_l2 = 1;
      rules.monotone = {&direction, 1};
      const Split split = of.find(rules);
      if (split.column < 0) continue;
      const double left = leaf_value(split.left_sums, rules, {}), right = leaf_value(of.node.total - split.left_sums, rules, {});
      EXPECT_GE(direction * (right - left), 0);
    }
  }
}

TEST(Splits, PartCategoriesAsTheBestSubsetDoes) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    NodeCase of(4000, {9}, seed, {8});
    for (int64_t i = 0; i < 4000; ++i) {
      uint8_t& code = of.sample.records[static_cast<size_t>(i * of.sample.stride)];
      code = std::max<uint8_t>(code, 1);  // missing values have no place in the order
    }
    of.build();
    SplitRules rules;
    rules.cat_smooth = rules.cat_l2 = 0;
    rules.min_data_per_group = 1;
    const Split split = of.find(rules);
    ASSERT_EQ(split.column, 0);
    EXPECT_TRUE(split.category);
    double best = 0;
    for (int subset = 1; subset < 256; ++subset) {
      CodeSides sides{};
      for (size_t c = 0; c < 8; ++c) sides[c + 1] = subset >> c & 1;
      const Side left = side_of(of.left_of(0, sides)), total = side_of(of.node.total);
      if (left.rows == 0 || left.rows == total.rows) continue;
      best = std::max(best, half_score(left.g, left.h, 0) + half_score(total.g - left.g, total.h - left.h, 0) - half_score(total.g, total.h, 0));
    }
    EXPECT_NEAR(split.gain / best, 1, 1e-9) << "in the order of their means the best subset is a prefix (Fisher 1958)";
    EXPECT_EQ(split.left_sums, of.left_of(0, split.left));
  }
}

TEST(LeafValues, AreNewtonsStepWithinTheirBounds) {
  SplitRules rules;
  rules.lambda_l2 = 2;
  EXPECT_DOUBLE_EQ(leaf_value({-300, 98, 10}, rules, {0.5, 0.25}), 150 / (24.5 + 2));
  rules.lambda_l1 = 50;
  EXPECT_DOUBLE_EQ(leaf_value({-300, 98, 10}, rules, {0.5, 0.25}), 100 / (24.5 + 2));
  EXPECT_DOUBLE_EQ(leaf_value({-300, 98, 10}, rules, {0.5, 0.25}, -1, 1), 1);
  rules.max_delta_step = 0.5;
  EXPECT_DOUBLE_EQ(leaf_value({300, 98, 10}, rules, {0.5, 0.25}), -0.5);
}

}  // namespace
}  // namespace crisp
