#include "kernels/histogram/impurity_split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "cuda/random.h"

namespace crisp {
namespace {

/// A node of some rows of a table with one column, with purities in long double.
struct Node {
  ImpurityRules rules;
  std::vector<uint8_t> codes;         // one a row of the table
  std::vector<uint32_t> index;
  std::vector<int64_t> weight, target, total;
  std::vector<int32_t> cell;
  int32_t count;
  bool category = false;

  Node(Impurity impurity, int64_t classes, int32_t codes_there, int64_t rows, uint64_t seed, bool missing) : count(codes_there) {
    rules.impurity = impurity;
    rules.classes = classes;
    rules.seed = seed;
    total.resize(static_cast<size_t>(rules.cells()));
    for (int64_t i = 0; i < 2 * rows; ++i) {
      const auto draw = [&](uint64_t stream, uint64_t below) { return random_below(seed, stream, static_cast<uint64_t>(i), below); };
      const int32_t least = missing ? 0 : 1;
      codes.push_back(static_cast<uint8_t>(least + static_cast<int32_t>(draw(1, static_cast<uint64_t>(count - least)))));
      if (i % 2 == 0) continue;  // rows of other nodes
      index.push_back(static_cast<uint32_t>(i));
      weight.push_back(1 + static_cast<int64_t>(draw(2, 3)));
      cell.push_back(static_cast<int32_t>(kFirstClassCell + static_cast<int64_t>((codes.back() / 3 + draw(3, 2)) % static_cast<uint64_t>(classes))));
      target.push_back(weight.back() * (static_cast<int64_t>(draw(4, 41)) - 20 + codes.back() % 7));
      ++total[kRowsCell];
      if (impurity == Impurity::squared) {
        total[kWeightCell] += weight.back();
        total[kTargetCell] += target.back();
      } else {
        total[static_cast<size_t>(cell.back())] += weight.back();
      }
    }
  }

  ImpurityRows rows(uint64_t stream = 0) const {
    return {{index.data(), static_cast<int64_t>(index.size())}, weight.data(), cell.data(), target.data(), total.data(), stream};
  }

  ImpuritySplit find(ImpuritySplitter& splitter, uint64_t stream = 0) const {
    ImpuritySplit split;
    EXPECT_TRUE(splitter.improve(rows(stream), {4, codes.data(), count, category}, split));
    return split;
  }
  ImpuritySplit find() const {
    ImpuritySplitter splitter(rules);
    return find(splitter);
  }

  /// Of a side's rows; nothing where there are fewer than are allowed.
  long double purity_of(const CodeSides& sides, bool left) const {
    std::vector<long double> classes(static_cast<size_t>(rules.classes + 1));
    long double all = 0, g = 0;
    int64_t there = 0;
    for (size_t i = 0; i < index.size(); ++i) {
      if ((sides[codes[index[i]]] != 0) != left) continue;
      ++there;
      all += static_cast<long double>(weight[i]);
      g += static_cast<long double>(target[i]);
      classes[static_cast<size_t>(cell[i])] += static_cast<long double>(weight[i]);
    }
    if (there < rules.min_leaf_rows) return -INFINITY;
    if (rules.impurity == Impurity::squared) return g * g / all;
    long double sum = 0;
    for (const long double one : classes) sum += rules.impurity == Impurity::gini ? one * one / all : one > 0 ? one * std::log2(one / all) : 0;
    return sum;
  }
  long double purity_of(const CodeSides& sides) const { return purity_of(sides, true) + purity_of(sides, false); }

  /// Over all thresholds, both ways for missing values.
  long double best_of_numbers() const {
    long double best = -INFINITY;
    for (int32_t code = 0; code < count; ++code) {
      for (const uint8_t missing_left : {0, 1}) {
        CodeSides sides{};
        sides[0] = missing_left;
        for (int32_t k = 1; k <= code; ++k) sides[static_cast<size_t>(k)] = 1;
        best = std::max(best, purity_of(sides));
      }
    }
    return best;
  }

  /// Over all sets of codes, of which there are few.
  long double best_of_sets() const {
    long double best = -INFINITY;
    for (uint32_t set = 0; set < 1u << count; ++set) {
      CodeSides sides{};
      for (int32_t k = 0; k < count; ++k) sides[static_cast<size_t>(k)] = set >> k & 1;
      best = std::max(best, purity_of(sides));
    }
    return best;
  }
};

void expect_close(double found, long double truth) { EXPECT_NEAR(found, static_cast<double>(truth), 1e-10 * std::max(1.0L, std::fabs(truth))); }

constexpr std::pair<Impurity, int64_t> kKinds[] = {{Impurity::gini, 2}, {Impurity::gini, 5}, {Impurity::entropy, 2}, {Impurity::entropy, 4}, {Impurity::squared, 1}};

TEST(ImpuritySplit, ThresholdsAreThePurest) {
  for (const auto& [impurity, classes] : kKinds) {
    for (const int64_t rows : {12, 100, 3000}) {
      for (const bool missing : {false, true}) {
        for (const int64_t least : {1, 5}) {
          Node node(impurity, classes, 20, rows, 7 + static_cast<uint64_t>(rows), missing);
          node.rules.min_leaf_rows = least;
          const ImpuritySplit split = node.find();
          expect_close(split.purity, node.best_of_numbers());
          expect_close(split.purity, node.purity_of(split.sides()));
          EXPECT_EQ(split.column, 4);
        }
      }
    }
  }
}

/// Of two classes and of numbers no set of categories is purer than the one found.
TEST(ImpuritySplit, SetsAreThePurest) {
  for (const auto& [impurity, classes] : kKinds) {
    if (classes > 2) continue;
    for (const uint64_t seed : {1, 2, 3, 4}) {
      Node node(impurity, classes, 9, 60, seed, seed % 2 == 0);
      node.category = true;
      const ImpuritySplit split = node.find();
      expect_close(split.purity, node.best_of_sets());
      expect_close(split.purity, node.purity_of(split.sides()));
    }
  }
}

/// Of more classes it is nearly so, and what is in no set has more rows.
TEST(ImpuritySplit, SetsOfManyClasses) {
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    Node node(Impurity::gini, 5, 9, 90, seed, true);
    node.category = true;
    const ImpuritySplit split = node.find();
    expect_close(split.purity, node.purity_of(split.sides()));
    long double all = 0;
    for (int64_t k = kFirstClassCell; k <= 5; ++k) all += static_cast<long double>(node.total[static_cast<size_t>(k)]);
    long double whole = 0;
    for (int64_t k = kFirstClassCell; k <= 5; ++k) whole += std::pow(static_cast<long double>(node.total[static_cast<size_t>(k)]), 2) / all;
    EXPECT_GT(static_cast<long double>(split.purity) - whole, 0.85L * (node.best_of_sets() - whole));
    int64_t left = 0;
    for (const uint32_t row : node.index) left += split.sides()[node.codes[row]];
    EXPECT_LE(2 * left, static_cast<int64_t>(node.index.size()));
    EXPECT_EQ(split.missing_left, split.sides()[0] != 0);
  }
}

/// One column's sums do not reach into the next.
TEST(ImpuritySplit, AColumnLeavesNothingBehind) {
  const Node node(Impurity::gini, 3, 30, 500, 3, true);
  ImpuritySplitter splitter(node.rules);
  const ImpuritySplit first = node.find(splitter), second = node.find(splitter);
  EXPECT_EQ(first.purity, second.purity);
  EXPECT_EQ(first.code, second.code);
}

TEST(ImpuritySplit, AColumnOfOneValueIsNone) {
  for (const int64_t rows : {3, 2000}) {
    Node node(Impurity::gini, 2, 10, rows, 5, false);
    std::fill(node.codes.begin(), node.codes.end(), 6);
    ImpuritySplitter splitter(node.rules);
    ImpuritySplit split;
    EXPECT_FALSE(splitter.improve(node.rows(), {0, node.codes.data(), 10, false}, split));
    EXPECT_EQ(split.column, -1);
  }
}

/// All drawn thresholds between the lowest and the highest code come, about equally often.
TEST(ImpuritySplit, DrawnThresholdsAreEven) {
  Node node(Impurity::squared, 1, 11, 400, 9, false);
  node.rules.random_thresholds = true;
  ImpuritySplitter splitter(node.rules);
  std::vector<int> drawn(11);
  for (uint64_t stream = 0; stream < 9000; ++stream) ++drawn[static_cast<size_t>(node.find(splitter, stream).code)];
  for (int32_t code = 1; code < 10; ++code) EXPECT_NEAR(drawn[static_cast<size_t>(code)], 1000, 120) << code;
  node.category = true;
  std::set<CodeSides> sets;
  for (uint64_t stream = 0; stream < 500; ++stream) {
    const ImpuritySplit split = node.find(splitter, stream);
    expect_close(split.purity, node.purity_of(split.sides()));
    sets.insert(split.sides());
  }
  EXPECT_GT(sets.size(), 200u);
}

}  // namespace
}  // namespace crisp
