#include "train/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "cuda/error.h"

namespace crisp {
namespace {

/// `rows` rows: number i, class by every fifth row, entity by i / 7, time falling.
struct Rows {
  Table table;
  Target target;
  std::vector<double> values;

  explicit Rows(int64_t rows, bool classes = true) {
    std::vector<double> numbers;
    std::vector<std::string> labels, entities, sides;
    std::vector<int64_t> times;
    for (int64_t i = 0; i < rows; ++i) {
      numbers.push_back(static_cast<double>(i));
      labels.push_back(i % 5 == 0 ? "yes" : "no");
      entities.push_back(concat("e", i / 7));
      sides.push_back(i % 4 == 0 ? "test" : "train");
      times.push_back((rows - i) * 1000);
    }
    table = Table().with_numbers("x", numbers).with_texts("label", labels).with_texts("entity", entities).with_texts("side", sides)
                .with_timestamps("time", times);
    target = Target::learn(table, {classes ? "label" : "x", {}, ""});
    values = target.values(table);
  }
  Split split(const SplitPlan& plan) const { return split_rows(table, target, values, plan); }
  std::vector<Split> folds(const SplitPlan& plan, int count) const { return split_folds(table, target, values, plan, count); }
};

void expect_whole(const Split& split, int64_t rows) {
  RowList all;
  for (const RowList* list : {&split.train, &split.validation, &split.test}) {
    EXPECT_TRUE(std::is_sorted(list->begin(), list->end()));
    all.insert(all.end(), list->begin(), list->end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(static_cast<int64_t>(all.size()), rows);
  for (int64_t i = 0; i < rows; ++i) ASSERT_EQ(all[static_cast<size_t>(i)], i);
}

std::set<std::string> names(const Table& table, const RowList& rows, const std::string& column) {
  const std::vector<std::string> texts = table.take(rows).texts(column);
  return {texts.begin(), texts.end()};
}

std::string refusal(const Rows& rows, const SplitPlan& plan) {
  try {
    rows.split(plan);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    return error.what();
  }
}

TEST(Split, TakesAFifthAndATenthOfTheRest) {
  const Rows rows(1000, false);
  Split split = rows.split({});
  expect_whole(split, 1000);
  EXPECT_EQ(split.test.size(), 200u);
  EXPECT_TRUE(split.validation.empty());
  SplitPlan plan;
  plan.validation = true;
  split = rows.split(plan);
  expect_whole(split, 1000);
  EXPECT_EQ(split.validation.size(), 80u);
  plan.test_share = 0.5;
  plan.validation_share = 0.5;
  EXPECT_EQ(rows.split(plan).train.size(), 250u);
  EXPECT_EQ(usual_test_rows(1'000'000), 50'000);
  EXPECT_EQ(usual_test_rows(2), 1);
  EXPECT_EQ(usual_validation_rows(1'000'000), 20'000);
}

TEST(Split, KeepsTheSharesOfClasses) {
  const Rows rows(1000);
  const Split split = rows.split({});
  expect_whole(split, 1000);
  const std::vector<std::string> labels = rows.table.take(split.test).texts("label");
  EXPECT_EQ(std::count(labels.begin(), labels.end(), "yes"), 40);
}

TEST(Split, TheSeedDecidesAndNothingElse) {
  const Rows rows(300);
  SplitPlan other;
  other.seed = 1;
  EXPECT_EQ(rows.split({}).test, rows.split({}).test);
  EXPECT_NE(rows.split({}).test, rows.split(other).test);
}

TEST(Split, TheLastRowOfAClassIsLearnedFrom) {
  Table table = Table().with_texts("label", {"a", "a", "a", "a", "a", "a", "a", "a", "a", "rare"});
  const Target target = Target::learn(table, {"label", {}, ""});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SplitPlan plan;
    plan.seed = seed;
    plan.test_share = 0.5;
    const Split split = split_rows(table, target, target.values(table), plan);
    EXPECT_TRUE(std::binary_search(split.train.begin(), split.train.end(), 9));
  }
  const Table each_once = Table().with_texts("label", {"a", "b", "c"});
  const Target thrice = Target::learn(each_once, {"label", {}, ""});
  EXPECT_THROW(split_rows(each_once, thrice, thrice.values(each_once), {}), Error);
}

TEST(Split, AGroupStandsOnOneSide) {
  const Rows rows(700);
  SplitPlan plan;
  plan.group = "entity";
  plan.validation = true;
  const Split split = rows.split(plan);
  expect_whole(split, 700);
  EXPECT_NEAR(static_cast<double>(split.test.size()), 140, 7);
  const auto learned = names(rows.table, split.train, "entity"), tested = names(rows.table, split.test, "entity"),
             stopping = names(rows.table, split.validation, "entity");
  for (const std::string& name : tested) EXPECT_FALSE(learned.contains(name) || stopping.contains(name)) << name;
  for (const std::string& name : stopping) EXPECT_FALSE(learned.contains(name)) << name;
  EXPECT_NE(refusal(Rows(6), plan), "");
}

TEST(Split, LaterRowsTest) {
  const Rows rows(500);
  SplitPlan plan;
  plan.time = "time";
  plan.validation = true;
  const Split split = rows.split(plan);
  expect_whole(split, 500);
  EXPECT_EQ(split.test.size(), 100u);
  EXPECT_EQ(split.test.front(), 0);  // the first rows are the latest
  EXPECT_EQ(split.test.back(), 99);
  EXPECT_EQ(split.validation.front(), 100);
}

TEST(Split, RowsOfOneTimeStayTogether) {
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) times.push_back(i < 70 ? 1 : 2);
  const Table table = Table().with_numbers("t", times).with_numbers("y", times).with_numbers("z", std::vector<double>(100, 1));
  const Target target = Target::learn(table, {"y", Task::regression, ""});
  SplitPlan plan;
  plan.time = "t";
  EXPECT_EQ(split_rows(table, target, target.values(table), plan).test.size(), 30u);
  plan.test_share = 0.6;  // would cut through the earlier time
  EXPECT_EQ(split_rows(table, target, target.values(table), plan).test.size(), 30u);
  plan.time = "z";
  EXPECT_THROW(split_rows(table, target, target.values(table), plan), Error);
}

TEST(Split, AColumnMaySayIt) {
  const Rows rows(100);
  SplitPlan plan;
  plan.column = "side";
  EXPECT_EQ(rows.split(plan).test.size(), 25u);
  plan.test_value = "train";
  EXPECT_EQ(rows.split(plan).test.size(), 75u);
  plan.test_value = "nothing";
  EXPECT_NE(refusal(rows, plan).find("0 to test"), std::string::npos);
  plan.test_value.clear();
  plan.column = "entity";
  EXPECT_NE(refusal(rows, plan).find("row 1: entity is 'e0'"), std::string::npos);
}

TEST(Split, RefusesLeaksUnlessAllowed) {
  const Rows rows(100);
  SplitPlan plan;
  plan.column = "side";
  plan.group = "entity";
  EXPECT_NE(refusal(rows, plan).find("both sides"), std::string::npos);
  plan.group.clear();
  plan.time = "time";
  EXPECT_NE(refusal(rows, plan).find("earlier"), std::string::npos);
  plan.allow_leak = true;
  EXPECT_EQ(refusal(rows, plan), "");
}

TEST(Split, FoldsTestEachRowOnce) {
  const Rows rows(103);
  for (const char* group : {"", "entity"}) {
    SplitPlan plan;
    plan.group = group;
    const std::vector<Split> folds = rows.folds(plan, 5);
    ASSERT_EQ(folds.size(), 5u);
    std::map<int64_t, int> tested;
    for (const Split& fold : folds) {
      expect_whole(fold, 103);
      for (const int64_t row : fold.test) ++tested[row];
      if (!plan.group.empty()) {
        for (const std::string& name : names(rows.table, fold.test, "entity")) {
          EXPECT_FALSE(names(rows.table, fold.train, "entity").contains(name));
        }
      }
    }
    EXPECT_EQ(tested.size(), 103u);
    for (const auto& [row, times] : tested) EXPECT_EQ(times, 1) << row;
  }
  EXPECT_THROW(Rows(4).folds({}, 5), Error);
}

TEST(Split, FoldsByTimeLearnFromThePast) {
  const Rows rows(120);
  SplitPlan plan;
  plan.time = "time";
  const std::vector<Split> folds = rows.folds(plan, 3);
  ASSERT_EQ(folds.size(), 3u);
  for (const Split& fold : folds) EXPECT_GT(fold.train.front(), fold.test.back());  // earlier rows stand further down
  EXPECT_EQ(folds[0].train.size(), 30u);
  EXPECT_EQ(folds[2].train.size(), 90u);
}

}  // namespace
}  // namespace crisp
