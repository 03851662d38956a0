#include <gtest/gtest.h>

#include "prepare/functions.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

Table aggregated(const std::string& keys, StepLog* log = nullptr) {
  return run_steps(example_table(), concat(R"j([{"step": "aggregate", )j", keys, "}]"), log);
}

std::string mistake(const std::string& keys) {
  return refusal([&] { aggregated(keys); }, Code::config);
}

TEST(Aggregate, OneRowAGroupInOrderOfAppearance) {
  const Table out =
      aggregated(R"j("by": ["vehicle"], "columns": {"n": "count()", "m": "mean(speed)", "t0": "min(t)"})j");
  EXPECT_EQ(out.names(), (std::vector<std::string>{"vehicle", "n", "m", "t0"}));
  EXPECT_EQ(out.texts("vehicle"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(out.texts("n"), (std::vector<std::string>{"3", "1"}));
  EXPECT_EQ(out.texts("m"), (std::vector<std::string>{"14.25", ""}));
  EXPECT_EQ(out.texts("t0")[1], "2020-12-06T08:00:30Z");
}

TEST(Aggregate, ExpressionsCombineAggregatesKeysAndOtherOutputs) {
  const Table out = aggregated(
      R"j("by": ["vehicle"], "columns": {"late": "early * 2", "early": "(max(x * 2) - min(x)) / count()", "k": "upper(vehicle)"})j");
  EXPECT_EQ(out.numbers("early"), (std::vector<double>{5, 4}));
  EXPECT_EQ(out.numbers("late"), (std::vector<double>{10, 8}));
  EXPECT_EQ(out.texts("k")[0], "A");
}

TEST(Aggregate, StatisticsAreNamedAfterTheirColumn) {
  const Table out = aggregated(
      R"j("statistics": [{"of": "x", "as": "y", "take": ["mean", "p25", "p97.5"]}, {"of": "x", "take": "max"}])j");
  EXPECT_EQ(out.names(), (std::vector<std::string>{"y_mean", "y_p25", "y_p97.5", "x_max"}));
  EXPECT_DOUBLE_EQ(out.numbers("y_p97.5")[0], 7.7);
  EXPECT_EQ(out.type("x_max"), ColumnType::integer);
}

TEST(Aggregate, SmallGroupsAreDroppedAndCounted) {
  StepLog log;
  EXPECT_EQ(aggregated(R"j("by": "vehicle", "min_rows": 2, "columns": {"n": "count()"})j", &log).rows(), 1);
  EXPECT_EQ(log[0].notes, (std::vector<std::string>{"1 group under 2 rows dropped, with 1 row"}));
  EXPECT_EQ(aggregated(R"j("by": "vehicle", "min_rows": 9, "columns": {"n": "count()"})j").rows(), 0);
}

TEST(Aggregate, SaysWhatIsWrong) {
  const auto says = [](const std::string& keys, const std::string& part) {
    EXPECT_NE(mistake(keys).find(part), std::string::npos) << keys << " -> " << mistake(keys);
  };
  says(R"j("columns": {"n": "x + count()"})j", "column 'x' has many values in a group");
  says(R"j("columns": {"n": "percentile(x, 101)"})j", "a percentile lies from 0 to 100");
  says(R"j("columns": {"n": "percentile(x, y)"})j", "a number is needed here");
  says(R"j("columns": {"n": "mean(vehicle)"})j", "its argument is text");
  says(R"j("columns": {"n": "mean(sped)"})j", "did you mean 'speed'?");
  says(R"j("columns": {"a": "b + 1", "b": "a + 1"})j", "computed from each other");
  says(R"j("by": "vehicle", "columns": {"vehicle": "count()"})j", "two outputs are called 'vehicle'");
  says(R"j("statistics": [{"of": "x", "take": ["men"]}])j", "unknown statistic 'men'");
  says(R"j("statistics": [{"off": "x", "take": ["mean"]}])j", "unknown key 'off'");
  says(R"j("by": "vehicle")j", "nothing to compute");
}

}  // namespace
}  // namespace crisp
