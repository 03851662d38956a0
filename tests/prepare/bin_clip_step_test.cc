#include <gtest/gtest.h>

#include <cmath>

#include "tests/prepare/golden.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

FittedRecipe fitted(const Table& train, const std::string& keys) {
  return Recipe::parse(Json::parse("[{" + keys + "}]")).fit(test_exec(), train);
}

Table applied(const FittedRecipe& recipe, const Table& table, StepLog* log = nullptr) {
  StepLog own;
  return recipe.run(test_exec(), table, log ? *log : own);
}

Table numbers(const Numbers& x) { return Table().with_numbers("x", x); }

/// The golden column `skewed` as training rows, and these followed by others as rows to bin.
Table skewed() { return numbers(golden()["train"]["skewed"].get<Numbers>()); }
Table skewed_and_others() {
  Numbers x = golden()["train"]["skewed"].get<Numbers>();
  for (const Json& other : golden()["new_number"]) x.push_back(other.get<double>());
  return numbers(x);
}

TEST(BinStep, EqualsScikitLearnPandasAndNumpy) {
  const auto check = [](const char* keys, const char* wanted) {
    const auto recipe = fitted(skewed(), concat(R"j("step": "bin", "columns": "x", )j", keys));
    EXPECT_EQ(applied(recipe, skewed_and_others()).numbers("x"), golden()[wanted].get<Numbers>()) << wanted;
  };
  check(R"j("method": "width", "bins": 7)j", "width_7");
  check(R"j("bins": 8)j", "quantile_8");
  check(R"j("bins": 8, "closed": "right")j", "quantile_8_right");
  const FittedRecipe edges = fitted(skewed(), R"j("step": "bin", "columns": "x", "method": "edges", "edges": [1.0, 2.5, 7.0])j");
  EXPECT_EQ(applied(edges, skewed()).numbers("x"), golden()["digitize"].get<Numbers>());
  // A frequent value makes several quantiles equal.
  const Table counts = golden_table().select({"counts"});
  const FittedRecipe fewer = fitted(counts, R"j("step": "bin", "columns": "counts", "bins": 4)j");
  EXPECT_EQ(applied(fewer, counts).numbers("counts"), golden()["counts_quantile_4"].get<Numbers>());
}

TEST(BinStep, AnEdgeBelongsToTheBinAboveItUnlessClosedRight) {
  const auto bins = [](const char* keys) {
    const auto recipe = fitted(numbers({0}), concat(R"j("step": "bin", "columns": "x", "method": "edges", "edges": [1, 2])j", keys));
    return applied(recipe, numbers({0, 1, 1.5, 2, 9, NAN}));
  };
  EXPECT_EQ(bins("").numbers("x").at(1), 1);
  EXPECT_EQ(bins("").missing("x"), (std::vector<uint8_t>{0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(bins(R"j(, "closed": "right", "missing": "bin")j").numbers("x"), (Numbers{0, 0, 1, 1, 2, 3}));
  EXPECT_EQ(bins(R"j(, "labels": ["low", "middle", "high"])j").texts("x"), (Texts{"low", "middle", "middle", "high", "high", ""}));
}

TEST(BinStep, ItsCodesAreCategories) {
  const auto counts = [](const char* keys) { return fitted(numbers({1, 2, 3, 4}), concat(R"j("step": "bin", "columns": "x")j", keys)).categories(); };
  EXPECT_EQ(counts(R"j(, "bins": 2)j"), (CategoryCounts{{"x", 2}}));
  EXPECT_EQ(counts(R"j(, "bins": 2, "missing": "bin")j"), (CategoryCounts{{"x", 3}}));
  EXPECT_EQ(counts(R"j(, "bins": 2, "labels": ["a", "b"])j"), CategoryCounts{});
  EXPECT_EQ(fitted(numbers({5, 5}), R"j("step": "bin", "columns": "x")j").categories(), (CategoryCounts{{"x", 1}}));
}

TEST(BinStep, RefusesWhatMakesNoSense) {
  const auto mistake = [](const char* keys, Code code) {
    return refusal([&] { fitted(numbers({1, 2, INFINITY}), concat(R"j("step": "bin", "columns": "x", )j", keys)); }, code);
  };
  for (const char* edges : {"[]", "[2, 1]", "[1, 1]", "[\"a\"]", "3"})
    EXPECT_NE(mistake(concat(R"j("method": "edges", "edges": )j", edges).c_str(), Code::config).find("ascending numbers"), std::string::npos) << edges;
  EXPECT_NE(mistake(R"j("bins": 1)j", Code::config).find("from 2 to 10000"), std::string::npos);
  EXPECT_NE(mistake(R"j("bins": 2, "edges": [1])j", Code::config).find("unknown key 'edges'"), std::string::npos);
  EXPECT_NE(mistake(R"j("method": "edges", "edges": [1], "labels": "a")j", Code::data).find("2 bins, and there are 1 labels"), std::string::npos);
}

TEST(ClipStep, EqualsNumpy) {
  const FittedRecipe recipe = fitted(skewed(), R"j("step": "clip", "columns": "x", "low_quantile": 0.05, "high_quantile": 0.95)j");
  const Numbers got = applied(recipe, skewed()).numbers("x");
  const Numbers wanted = golden()["clip_5_95"].get<Numbers>();
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-12) << i;
}

TEST(ClipStep, FixedLimitsLeaveMissingValuesAndCountTheOthers) {
  StepLog log;
  const FittedRecipe recipe = fitted(numbers({0}), R"j("step": "clip", "columns": "x", "low": -1, "high": 2)j");
  const Table out = applied(recipe, numbers({-5, -1, 0, 2, 3, NAN}), &log);
  EXPECT_EQ(out.numbers("x")[0], -1);
  EXPECT_EQ(out.numbers("x")[4], 2);
  EXPECT_TRUE(std::isnan(out.numbers("x")[5]));
  EXPECT_EQ(log[0].notes, (Texts{"2 values clipped"}));
  const FittedRecipe above = fitted(numbers({0}), R"j("step": "clip", "columns": "x", "high": 2)j");
  EXPECT_EQ(applied(above, numbers({-1e9, 3})).numbers("x"), (Numbers{-1e9, 2}));
}

TEST(ClipStep, RefusesWhatMakesNoSense) {
  const auto mistake = [](const char* keys, Code code) {
    return refusal([&] { fitted(numbers({1, 2}), concat(R"j("step": "clip", "columns": "x")j", keys)); }, code);
  };
  EXPECT_NE(mistake("", Code::config).find("no limit"), std::string::npos);
  EXPECT_NE(mistake(R"j(, "low": 1, "low_quantile": 0.5)j", Code::config).find("not both"), std::string::npos);
  EXPECT_NE(mistake(R"j(, "low": 1, "high": 0)j", Code::config).find("above the upper"), std::string::npos);
  EXPECT_NE(mistake(R"j(, "low": 5, "high_quantile": 0.5)j", Code::data).find("the lower limit 5 is above"), std::string::npos);
  EXPECT_NE(mistake(R"j(, "high_quantile": 1.5)j", Code::config).find("from 0 to 1"), std::string::npos);
}

TEST(BinAndClip, SavedStatesAreSoundAndStepsRowWise) {
  for (const char* keys : {R"j("step": "bin", "columns": "x", "bins": 3)j", R"j("step": "bin", "columns": "x", "bins": 2, "labels": ["a", "b"])j",
                           R"j("step": "clip", "columns": "x", "low_quantile": 0.2, "high_quantile": 0.9)j"}) {
    const FittedRecipe recipe = fitted(numbers({1, 2, 3, 4, NAN}), keys);
    expect_sound_state(recipe, numbers({0, 2.5, 9, NAN}));
    EXPECT_TRUE(recipe.in_pieces()) << keys;
  }
}

TEST(BinStep, AStateMustHaveAscendingEdges) {
  Json json = fitted(numbers({1, 2, 3, 4}), R"j("step": "bin", "columns": "x", "bins": 3)j").to_json();
  json["fitted"][0]["edges"][0][0] = 1e9;
  EXPECT_NE(refusal([&] { FittedRecipe::from_json(json, "recipe"); }, Code::data).find("do not ascend"), std::string::npos);
}

TEST(DatePartsStep, GivesNumbersAndWaves) {
  const Table table = Table().with_texts("my `time", {"2020-12-06T18:30:00Z", "2021-01-01T00:00:00Z"});
  const auto run = [&](const char* keys) {
    return run_steps(table, concat(R"j([{"step": "date_parts", "columns": "*", "parts": )j", keys, "}]"));
  };
  const Table plain = run(R"j(["year", "month", "day", "weekday", "hour", "minute", "day_of_year"])j");
  const std::vector<std::pair<const char*, double>> parts = {{"year", 2020}, {"month", 12}, {"day", 6}, {"weekday", 7}, {"hour", 18},
                                                             {"minute", 30}, {"day_of_year", 341}};
  for (const auto& [part, value] : parts) EXPECT_EQ(plain.numbers(concat("my `time_", part))[0], value) << part;
  const Table waves = run(R"j(["hour", "weekday", "year"], "cyclic": true)j");
  EXPECT_EQ(waves.names(), (Texts{"my `time", "my `time_hour_sin", "my `time_hour_cos", "my `time_weekday_sin", "my `time_weekday_cos",
                                  "my `time_year"}));
  EXPECT_NEAR(waves.numbers("my `time_hour_sin")[0], -1, 1e-12);
  EXPECT_NEAR(waves.numbers("my `time_hour_cos")[1], 1, 1e-12);
  EXPECT_NEAR(waves.numbers("my `time_weekday_sin")[0], std::sin(2 * M_PI * 6 / 7), 1e-12);
}

TEST(DatePartsStep, RefusesWhatIsNoDateOrNoPart) {
  const auto mistake = [](const Table& table, const char* parts, Code code) {
    return refusal([&] { run_steps(table, concat(R"j([{"step": "date_parts", "columns": "x", "parts": )j", parts, "}]")); }, code);
  };
  EXPECT_NE(mistake(numbers({1}), R"j(["hours"])j", Code::config).find("did you mean 'hour'?"), std::string::npos);
  EXPECT_NE(mistake(Table().with_texts("x", {"soon"}), R"j(["hour"])j", Code::data).find("column 'x': row 1: 'soon' cannot be read as timestamp"),
            std::string::npos);
  EXPECT_NE(mistake(numbers({1}).with_numbers("x_hour", {1}), R"j(["hour"])j", Code::data).find("'x_hour' already"), std::string::npos);
}

}  // namespace
}  // namespace crisp
