#include <gtest/gtest.h>

#include "kernels/histogram/grower.h"

namespace crisp {
namespace {

/// A root, a leaf, and a node with two leaves; sums in quanta of 0.5 and 0.25.
GrownTree tree_of() {
  GrownTree tree;
  tree.scale = {0.5, 0.25};
  const auto node = [&](int32_t left, int32_t right, Sums total) {
    GrownNode& added = tree.nodes.emplace_back();
    added.left = left;
    added.right = right;
    added.total = total;
  };
  node(1, 2, {-6, 64, 20});
  node(-1, -1, {30, 16, 4});
  node(3, 4, {-36, 48, 16});
  node(-1, -1, {-40, 20, 6});
  node(-1, -1, {4, 28, 10});
  return tree;
}

TEST(GrownTree, AnswersWithTheLeavesOwnSums) {
  GrownTree tree = tree_of();
  SplitRules rules;
  rules.lambda_l2 = 1;
  set_values(rules, 0.1, tree);
  ASSERT_EQ(tree.values.size(), 5u);
  EXPECT_FLOAT_EQ(tree.values[1], static_cast<float>(0.1 * -15 / 5));  // -G / (H + lambda)
  EXPECT_FLOAT_EQ(tree.values[3], static_cast<float>(0.1 * 20 / 6));
  EXPECT_FLOAT_EQ(tree.values[4], static_cast<float>(0.1 * -2 / 8));
  EXPECT_EQ(tree.values[0], 0);
  EXPECT_EQ(tree.values[2], 0);
}

/// w (n / s) / (n / s + 1) + parent / (n / s + 1), from the root down (LightGBM's documentation of path_smooth).
TEST(GrownTree, DrawsLeavesToTheirParents) {
  GrownTree tree = tree_of();
  SplitRules rules;
  rules.lambda_l2 = 1;
  rules.path_smooth = 8;
  set_values(rules, 1, tree);
  const auto smooth = [](double own, double rows, double parent) { return own * (rows / 8) / (rows / 8 + 1) + parent / (rows / 8 + 1); };
  const double root = 3.0 / 17, inner = smooth(18.0 / 13, 16, root);
  EXPECT_FLOAT_EQ(tree.values[1], static_cast<float>(smooth(-3, 4, root)));
  EXPECT_FLOAT_EQ(tree.values[3], static_cast<float>(smooth(20.0 / 6, 6, inner)));
  EXPECT_FLOAT_EQ(tree.values[4], static_cast<float>(smooth(-0.25, 10, inner)));
}

TEST(GrownTree, KeepsMonotoneBoundsWhenItDraws) {
  GrownTree tree = tree_of();
  tree.nodes[4].upper = tree.nodes[4].lower = -0.2;
  SplitRules rules;
  rules.path_smooth = 1e6;
  set_values(rules, 1, tree);
  EXPECT_FLOAT_EQ(tree.values[4], -0.2f);
}

}  // namespace
}  // namespace crisp
