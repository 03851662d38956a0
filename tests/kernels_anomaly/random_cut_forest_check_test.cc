// Every array of a forest bent in turn: the validator names tree and node, and never crashes.
#include <gtest/gtest.h>

#include <functional>

#include "cuda/error.h"
#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {
namespace {

RandomCutForest small_forest() {
  Exec exec(Device::cpu(), 1);
  return build_random_cut_forest(exec, heavy_tailed(40, 3, 1).view(), {3, 10}, 1);
}

std::string refusal(const std::function<void(RandomCutForest&)>& bend) {
  RandomCutForest forest = small_forest();
  bend(forest);
  try {
    check_random_cut_forest(forest);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    return error.message();
  }
  return "accepted";
}

#define EXPECT_REFUSED(bend, text)                                                   \
  EXPECT_NE(refusal([](RandomCutForest& f) { bend; }).find(text), std::string::npos) \
      << refusal([](RandomCutForest& f) { bend; })

TEST(RandomCutForestCheck, AcceptsWhatWasBuilt) {
  EXPECT_EQ(refusal([](RandomCutForest&) {}), "accepted");
}

TEST(RandomCutForestCheck, RefusesArraysOfOtherSizes) {
  EXPECT_REFUSED(f.columns = 0, "number of columns");
  EXPECT_REFUSED(f.columns = 4, "leaf_points");
  EXPECT_REFUSED(f.leaf_points.pop_back(), "leaf_points");
  EXPECT_REFUSED(f.cut_value.pop_back(), "differ in length");
  EXPECT_REFUSED(f.right.push_back(0), "differ in length");
  EXPECT_REFUSED(f.tree_begin.clear(), "no trees");
  EXPECT_REFUSED(f.tree_begin.pop_back(), "do not cover");
  EXPECT_REFUSED(f.tree_begin[1] = -1, "tree 0 has the nodes 0 to -1");
  EXPECT_REFUSED(f.tree_begin[1] = 1000, "tree 0 has the nodes 0 to 1000");
  EXPECT_REFUSED(f.tree_begin[1] = 20, "tree 0, node");
  EXPECT_REFUSED(f.tree_begin[1] = 18, "tree 0, node");
}

TEST(RandomCutForestCheck, RefusesWrongLinks) {
  EXPECT_REFUSED(f.right[0] = 0, "tree 0, node 0: the right child 0");
  EXPECT_REFUSED(f.right[0] = -5, "the right child -5");
  EXPECT_REFUSED(f.right[0] = 19, "the right child 19");
  EXPECT_REFUSED(f.right[f.tree_begin[1]] += 1, "tree 1, node");
  EXPECT_REFUSED(f.right[f.tree_begin[1]] -= 1, "tree 1, node");
}

TEST(RandomCutForestCheck, RefusesWrongValues) {
  EXPECT_REFUSED(f.cut_dimension[0] = 3, "tree 0, node 0: cuts column 3 of 3");
  EXPECT_REFUSED(f.cut_dimension[f.tree_begin[1] - 1] = -2, "cuts column -2");
  EXPECT_REFUSED(f.cut_value[0] = NAN, "not a finite number");
  EXPECT_REFUSED(f.cut_value[0] = 1e38f, "not a finite number");
  EXPECT_REFUSED(f.cut_value[0] = -1e30f, "wrong side of the cut of node 0");
  EXPECT_REFUSED(f.mass[0] += 1, "tree 0, node 0: the mass 11");
  EXPECT_REFUSED(f.mass[f.tree_begin[1] - 1] = 0, "the mass 0");
  EXPECT_REFUSED(f.mass[0] = INT32_MAX, "the mass 2147483647");
  EXPECT_REFUSED(f.leaf_points[1] = NAN, "column 1 of the point is not finite");
  EXPECT_REFUSED(for (float& x : f.leaf_points) x = 7, "wrong side");
}

// Whatever integers stand in the links: refused or sound, and scoring what was accepted ends.
TEST(RandomCutForestCheck, RandomDamageNeverPassesUnlessHarmless) {
  Exec exec(Device::cpu(), 1);
  const ForestRows rows = heavy_tailed(30, 3, 2);
  for (uint64_t trial = 0; trial < 3000; ++trial) {
    RandomCutForest forest = small_forest();
    std::vector<int32_t>* arrays[] = {&forest.cut_dimension, &forest.right, &forest.mass};
    std::vector<int32_t>& array = *arrays[random_below(trial, 0, 0, 3)];
    array[random_below(trial, 0, 1, array.size())] = static_cast<int32_t>(random_below(trial, 0, 2, 24)) - 2;
    try {
      check_random_cut_forest(forest);
    } catch (const Error&) {
      continue;
    }
    std::vector<double> scores(rows.rows);
    score_random_cut_forest(exec, forest, derive_tables(exec, forest), rows.view(), scores);
  }
}

}  // namespace
}  // namespace crisp
