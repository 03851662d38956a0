/// What trees say of themselves adds up to what they answer.
#include <gtest/gtest.h>

#include "models/trees/tree_model.h"
#include "tests/models/small_trees.h"
#include "train/explainable.h"

namespace crisp {
namespace {

constexpr int64_t kRows = 5, kColumns = 3;
const std::vector<float> kSome = {37.5f, 1, 0, 37.6f, 0, -0.25f, 37.6f, 0, 0, 0, 33, 0, 0, 2, 0};

/// Two outputs by turns, averaged.
TreeParts averaged() {
  TreeParts parts = small_trees();
  parts.trees.outputs = 2;
  parts.base = {0.5, -3};
  parts.scale = 0.25;
  return parts;
}

void expect_adds_up(const TreeParts& parts) {
  const auto model = make_tree_model(parts);
  const Explainable& explained = *model->explainable();
  const int64_t sums = explained.margins(), width = sums * (kColumns + 1);
  Exec exec(Device::cpu(), 2);
  std::vector<double> margins(static_cast<size_t>(kRows * sums)), values(static_cast<size_t>(kRows * width));
  const MatrixView<const float> rows{kSome.data(), kRows, kColumns, kColumns};
  explained.margin(exec, rows, {margins.data(), kRows, sums, sums});
  explained.shapley(exec, rows, {}, {values.data(), kRows, width, width});
  for (int64_t row = 0; row < kRows; ++row) {
    const std::vector<double> plain = sums_of(parts, rows.row(row));
    for (int64_t k = 0; k < sums; ++k) {
      double total = 0;
      for (int64_t j = 0; j <= kColumns; ++j) total += values[static_cast<size_t>(row * width + k * (kColumns + 1) + j)];
      EXPECT_NEAR(total, plain[static_cast<size_t>(k)], 1e-12);
      EXPECT_DOUBLE_EQ(margins[static_cast<size_t>(row * sums + k)], plain[static_cast<size_t>(k)]);
    }
  }
}

/// What single sums begin with is part of them: of what is expected, too.
TEST(TreeExplanation, AddsUpToTheMarginOfSingleSums) {
  TreeParts parts = small_trees();
  parts.base = {0};
  parts.trees.single_start = {0.5};
  TreeParts same = small_trees();
  const auto model = make_tree_model(parts), plain = make_tree_model(same);
  Exec exec(Device::cpu(), 1);
  const auto values_of = [&](const TreeModel& of) {
    std::vector<double> values(static_cast<size_t>(kRows * (kColumns + 1)));
    of.explainable()->shapley(exec, {kSome.data(), kRows, kColumns, kColumns}, {}, {values.data(), kRows, kColumns + 1, kColumns + 1});
    return values;
  };
  EXPECT_EQ(values_of(*model), values_of(*plain));
}

TEST(TreeExplanation, AddsUpToTheMargin) {
  expect_adds_up(small_trees());
  expect_adds_up(averaged());
}

TEST(TreeExplanation, ExpectsTheMeanOfTheTrainingRows) {
  const auto model = make_tree_model(averaged());
  Exec exec(Device::cpu(), 1);
  std::vector<double> values(8);
  model->explainable()->shapley(exec, {kSome.data(), 1, kColumns, kColumns}, {}, {values.data(), 1, 8, 8});
  EXPECT_NEAR(values[3], 0.5 + 0.25 * (25 * 1 + 35 * 2 + 30 * 3 - 10 * 4.5) / 100, 1e-12);
  EXPECT_NEAR(values[7], -3 + 0.25 * 0.125, 1e-12);
}

TEST(TreeExplanation, CountsSplitsAndAddsGains) {
  TreeParts parts = small_trees();
  const auto splits = [&] { return *make_tree_model(parts)->explainable()->splits(); };
  EXPECT_EQ(splits().count, (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(splits().gain, (std::vector<double>{9, 4, 2.5}));
  parts.trees.feature[2] = 0;
  EXPECT_EQ(splits().count, (std::vector<int64_t>{2, 1, 0}));
  EXPECT_EQ(splits().gain, (std::vector<double>{11.5, 4, 0}));
  std::fill(parts.trees.gain.begin(), parts.trees.gain.end(), 0.0f);
  EXPECT_TRUE(splits().gain.empty()) << "a file that tells no gains";
}

TEST(TreeExplanation, WritesRulesOfSmallTreesOnly) {
  const auto model = make_tree_model(small_trees());
  const std::vector<RuleColumn> columns = {{"age"}, {"kind"}, {"size"}};
  const auto rules = model->explainable()->rules(columns);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].size(), 4u);
  EXPECT_EQ(rules[1], std::vector<std::string>{"always → 0.125 (100 rows)"});
  EXPECT_EQ(make_tree_model(chain_of_trees(63))->explainable()->rules({{"x"}})[0].size(), 64u);
  EXPECT_TRUE(make_tree_model(chain_of_trees(64))->explainable()->rules({{"x"}}).empty());
}

TEST(TreeExplanation, NamesItsSums) {
  const auto unit = [](TreeLink link, TreeParts parts) {
    parts.link = link;
    return make_tree_model(std::move(parts))->explainable()->unit();
  };
  EXPECT_EQ(unit(TreeLink::identity, small_trees()), "");
  EXPECT_EQ(unit(TreeLink::identity, averaged()), "probability");
  EXPECT_EQ(unit(TreeLink::logistic, small_trees()), "log-odds");
}

}  // namespace
}  // namespace crisp
