#include "run/impostors.h"

#include <gtest/gtest.h>

#include <set>

#include "cuda/error.h"

namespace crisp {
namespace {

/// Five rows of group 1, four of group 2, two of group 3.
Table test_rows() {
  return Table()
      .with_integers("sensor", {1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3})
      .with_numbers("x", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

const std::vector<std::string> kTrained{"1", "1", "1", "2", "2", "2", "3"};

ImpostorPlan plan(uint64_t seed = 7) {
  ImpostorPlan plan;
  plan.group = "sensor";
  plan.min_train_rows = 2;
  plan.seed = seed;
  return plan;
}

TEST(Impostors, AsManyOthersAsOwnRows) {
  const ImpostorTest result = mix_impostors(test_rows(), kTrained, plan());
  EXPECT_EQ(result.groups, 2);
  EXPECT_EQ(result.left_out_rows, 2);  // group 3 has one training row
  EXPECT_EQ(result.rows.rows(), 2 * (5 + 4));
  const auto claimed = result.rows.texts("sensor"), truth = result.rows.texts("true_sensor");
  const auto label = result.rows.texts("driver");
  std::map<std::string, int> genuine, impostors;
  for (size_t i = 0; i < label.size(); ++i) {
    EXPECT_EQ(label[i], claimed[i] == truth[i] ? "owner" : "other");
    ++(label[i] == "owner" ? genuine : impostors)[claimed[i]];
  }
  EXPECT_EQ(genuine, (std::map<std::string, int>{{"1", 5}, {"2", 4}}));
  EXPECT_EQ(impostors, genuine);
  EXPECT_EQ(result.rows.type("sensor"), ColumnType::integer);
}

TEST(Impostors, NoRowIsDrawnTwiceForOneGroup) {
  const ImpostorTest result = mix_impostors(test_rows(), kTrained, plan());
  std::set<std::pair<std::string, double>> seen;
  const auto claimed = result.rows.texts("sensor");
  const auto x = result.rows.numbers("x");
  for (size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(seen.emplace(claimed[i], x[i]).second);
}

TEST(Impostors, TheSeedDecides) {
  const auto draw = [](uint64_t seed) { return mix_impostors(test_rows(), kTrained, plan(seed)).rows.numbers("x"); };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

TEST(Impostors, NobodyToTestIsAnError) {
  EXPECT_THROW(mix_impostors(test_rows(), {"4", "4"}, plan()), Error);
}

TEST(Impostors, OneGroupHasNobodyToPlayTheImpostor) {
  const Table alone = test_rows().take({0, 1, 2});
  EXPECT_THROW(mix_impostors(alone, kTrained, plan()), Error);
}

TEST(Impostors, CountsThoseMixedIn) {
  EXPECT_EQ(mix_impostors(test_rows(), kTrained, plan()).impostor_rows, 9);
  // Five rows of group 1 find one other row, and that one, of group 2, finds one of five.
  const Table few = test_rows().take({0, 1, 2, 3, 4, 5});
  EXPECT_EQ(mix_impostors(few, kTrained, plan()).impostor_rows, 2);
}

}  // namespace
}  // namespace crisp
