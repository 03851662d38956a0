#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/name_pattern.h"
#include "prepare/column_pattern.h"
#include "prepare/functions.h"
#include "prepare/steps.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

Table run(const std::string& keys, StepLog* log = nullptr) {
  return run_steps(example_table(), "[{" + keys + "}]", log);
}

std::string mistake(const std::string& keys, Code code = Code::config) {
  return refusal([&] { run(keys); }, code);
}

void expect_says(const std::string& keys, const std::string& part, Code code = Code::config) {
  EXPECT_NE(mistake(keys, code).find(part), std::string::npos) << keys << " -> " << mistake(keys, code);
}

TEST(Steps, FilterKeepsWhatIsTrueAndNotMissing) {
  EXPECT_EQ(run(R"j("step": "filter", "where": "speed > 1")j").numbers("x"), (std::vector<double>{2, 8}));
  expect_says(R"j("step": "filter", "where": "speed + 1")j", "a condition is needed, and this is real");
}

TEST(Steps, DeriveSeesEarlierColumnsWhateverTheOrderOfKeys) {
  const Table out = run(R"j("step": "derive", "columns": {"a": "b * 2", "b": "x + 1", "x": "x * 10"})j");
  EXPECT_EQ(out.numbers("x"), (std::vector<double>{10, 20, 40, 80}));
  EXPECT_EQ(out.numbers("b"), (std::vector<double>{2, 3, 5, 9}));
  EXPECT_EQ(out.numbers("a"), (std::vector<double>{4, 6, 10, 18}));
  EXPECT_EQ(run(R"j("step": "derive", "name": "y", "as": "1")j").numbers("y").size(), 4u);
}

TEST(Steps, ColumnsAreChosenRenamedAndCast) {
  EXPECT_EQ(run(R"j("step": "select", "columns": ["x", "l*"])j").names(),
            (std::vector<std::string>{"x", "lat", "lon"}));
  EXPECT_EQ(run(R"j("step": "drop", "columns": "l*")j").columns(), 4);
  EXPECT_EQ(run(R"j("step": "rename", "columns": {"number": "x"})j").names()[1], "number");
  EXPECT_EQ(run(R"j("step": "rename", "columns": {"lat": "lon", "lon": "lat"})j").numbers("lat")[0], -74.0);
  EXPECT_EQ(run(R"j("step": "cast", "columns": {"x": "text"})j").type("x"), ColumnType::text);
  expect_says(R"j("step": "select", "columns": "sped")j", "did you mean 'speed'?", Code::data);
  expect_says(R"j("step": "rename", "columns": {"x": "lat"})j", "two columns would be called 'x'",
              Code::data);
  expect_says(R"j("step": "cast", "columns": {"vehicle": "real"})j", "row 1: 'a' cannot be read as real",
              Code::data);
}

TEST(Steps, RowsWithMissingValuesAndDuplicatesAreDropped) {
  StepLog log;
  EXPECT_EQ(run(R"j("step": "drop_missing")j", &log).rows(), 3);
  EXPECT_EQ(log[0].missing_before, 1);
  EXPECT_EQ(log[0].missing_after, 0);
  EXPECT_EQ(run(R"j("step": "drop_missing", "columns": "lat")j").rows(), 4);
  EXPECT_EQ(run(R"j("step": "drop_duplicates", "columns": "vehicle")j").numbers("x"),
            (std::vector<double>{1, 4}));
  EXPECT_EQ(run(R"j("step": "drop_duplicates")j").rows(), 4);
  const Table blank = example_table().with_numbers("b", {NAN, NAN, NAN, NAN});
  EXPECT_NE(refusal([&] { run_steps(blank, R"j([{"step": "drop_missing"}])j"); }, Code::data)
                .find("'b' is blank in all 4 rows"),
            std::string::npos);
}

TEST(Steps, SortIsStableWithMissingValuesLast) {
  EXPECT_EQ(run(R"j("step": "sort", "by": ["speed"], "descending": true)j").numbers("x"),
            (std::vector<double>{8, 2, 1, 4}));
  EXPECT_EQ(run(R"j("step": "sort", "by": ["vehicle", "x"], "descending": ["vehicle"])j").numbers("x"),
            (std::vector<double>{4, 1, 2, 8}));
  EXPECT_EQ(run(R"j("step": "sort", "by": "vehicle")j").numbers("x"), (std::vector<double>{1, 2, 8, 4}));
}

TEST(Steps, ShuffleAndSampleDependOnTheSeedAlone) {
  std::vector<int64_t> many(1000);
  for (size_t i = 0; i < many.size(); ++i) many[i] = static_cast<int64_t>(i);
  const Table table = Table().with_integers("i", many);
  const auto with = [&](const char* keys) { return run_steps(table, concat("[{", keys, "}]")).numbers("i"); };
  const std::vector<double> once = with(R"j("step": "shuffle", "seed": 5)j");
  EXPECT_EQ(once, with(R"j("step": "shuffle", "seed": 5)j"));
  EXPECT_NE(once, with(R"j("step": "shuffle", "seed": 6)j"));
  std::vector<double> sorted = once;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, table.numbers("i"));
  const std::vector<double> sample = with(R"j("step": "sample", "fraction": 0.1)j");
  EXPECT_EQ(sample.size(), 100u);
  EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end()));
  EXPECT_GT(sample.back(), 800);
  EXPECT_EQ(with(R"j("step": "sample", "rows": 5000)j").size(), 1000u);
  expect_says(R"j("step": "sample")j", "give either rows or fraction");
}

TEST(Steps, CheckRefusesOrDropsImpossibleValues) {
  const Table table = example_table().with_numbers("lat", {40, 91, NAN, -91});
  const auto with = [&](const char* keys) {
    return run_steps(table, concat(R"j([{"step": "check", )j", keys, "}]"));
  };
  EXPECT_NE(refusal([&] { with(R"j("latitude": "lat")j"); }, Code::data)
                .find("row 2, column 'lat': latitude 91 is outside -90 to 90"),
            std::string::npos);
  EXPECT_EQ(with(R"j("latitude": "lat", "policy": "drop")j").numbers("x"), (std::vector<double>{1, 4}));
  EXPECT_EQ(with(R"j("range": {"x": [1, 8]})j").rows(), 4);
  const Table infinite = example_table().with_numbers("lat", {40, INFINITY, 0, 0});
  EXPECT_NE(refusal([&] { run_steps(infinite, R"j([{"step": "check", "latitude": "lat"}])j"); }, Code::data)
                .find("latitude inf"),
            std::string::npos);
  expect_says(R"j("step": "check")j", "nothing to check");
  expect_says(R"j("step": "check", "latitude": "lat", "policy": "dorp")j", "did you mean 'drop'?");
}

TEST(Steps, MistakesInKeysNameTheStepAndTheNearestKey) {
  expect_says(R"j("step": "filter", "were": "x > 1")j",
              "recipe step 1 (filter): unknown key 'were' | did you mean 'where'?");
  expect_says(R"j("step": "fliter", "where": "x > 1")j", "unknown step 'fliter' | did you mean 'filter'?");
  expect_says(R"j("where": "x > 1")j", "key 'step' is missing");
  expect_says(R"j("step": "filter", "where": 3)j", "key 'where' must be a text, not 3");
  expect_says(R"j("step": "shuffle", "seed": -1)j", "an integer from 0");
  expect_says(R"j("step": "sort", "by": [])j", "a name or a list of names");
  expect_says(R"j("step": "sort", "by": ["x", "x"])j", "names 'x' twice");
  expect_says(R"j("step": "sort", "by": "X")j", "did you mean 'x'?", Code::data);
  EXPECT_NE(refusal([] { Recipe::parse(Json::parse("{}")); }, Code::config).find("a list of steps"),
            std::string::npos);
  EXPECT_NE(refusal([] { Recipe::parse(Json::parse("[3]")); }, Code::config).find("a step is a table"),
            std::string::npos);
}

TEST(Steps, EveryStepIsInTheReference) {
  for (const StepInfo& info : step_reference()) {
    const Json keys = {{"step", info.name}, {"no_such_key", 1}};
    const std::string text = refusal([&] { make_step(keys); }, Code::config);
    EXPECT_NE(text.find("no_such_key"), std::string::npos) << info.name << ": " << text;
  }
}

TEST(ColumnPattern, AColumnsOwnNameMeansThatColumnAlone) {
  const Table table = Table().with_integers("a*", {1}).with_integers("ab", {2});
  EXPECT_EQ(columns_like(table, {"a*"}), (std::vector<std::string>{"a*"}));
  EXPECT_EQ(columns_like(table, {"a**"}), (std::vector<std::string>{"a*", "ab"}));
}

TEST(ColumnPattern, StarsStandForAnyLetters) {
  EXPECT_TRUE(name_matches("speed_p10", "speed_*"));
  EXPECT_TRUE(name_matches("speed_p10", "*p*0"));
  EXPECT_TRUE(name_matches("", "*"));
  EXPECT_FALSE(name_matches("speeds", "speed"));
  EXPECT_FALSE(name_matches("speed", "speed_*"));
  EXPECT_FALSE(name_matches("ab", "*a"));
}

}  // namespace
}  // namespace crisp
