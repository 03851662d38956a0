#include <gtest/gtest.h>

#include <cmath>

#include "tests/prepare/golden.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

FittedRecipe fitted(const Table& train, const std::string& keys) {
  return Recipe::parse(Json::parse("[{\"step\": \"impute\", " + keys + "}]")).fit(test_exec(), train);
}

Table applied(const FittedRecipe& recipe, const Table& table) {
  StepLog log;
  return recipe.run(test_exec(), table, log);
}

/// A text column in which "" is missing.
Table texts(const Texts& values) {
  return run_steps(Table().with_texts("x", values), R"j([{"step": "derive", "name": "x", "as": "if_else(x == '', missing, x)"}])j");
}

TEST(ImputeStep, EqualsScikitLearn) {
  const Table train = golden_table().select({"holes"});
  const Table blank = Table().with_numbers("holes", {NAN, 3.5});
  for (const auto& [ours, theirs] : {std::pair{"mean", "mean"}, {"median", "median"}, {"mode", "most_frequent"}}) {
    const Numbers got = applied(fitted(train, concat(R"j("columns": "holes", "method": ")j", ours, "\"")), blank).numbers("holes");
    EXPECT_NEAR(got[0], golden()["impute"][theirs].get<double>(), 1e-12) << ours;
    EXPECT_EQ(got[1], 3.5);
  }
}

TEST(ImputeStep, TheMostFrequentValueFillsAnyTypeAndTheFirstInOrderWins) {
  const auto fill = [](const Table& train, const Table& fresh) {
    return applied(fitted(train, R"j("columns": "x", "method": "mode")j"), fresh).texts("x");
  };
  EXPECT_EQ(fill(texts({"b", "a", "b", "a", ""}), texts({"", "c"})), (Texts{"a", "c"}));
  const Table flags = Table().with_booleans("x", {1, 0, 1}, {0, 0, 1});
  EXPECT_EQ(fill(flags, flags), (Texts{"true", "false", "false"}));
  EXPECT_EQ(fill(Table().with_numbers("x", {3, 2, 3, 2, NAN}), Table().with_numbers("x", {NAN})), (Texts{"2.0"}));
  const Table times = run_steps(Table().with_timestamps("x", {5'000'000, 5'000'001, 5'000'001}),
                                R"j([{"step": "derive", "name": "x", "as": "previous(x)"}])j");
  EXPECT_EQ(fill(times, times).at(0), "1970-01-01T00:00:05Z");
}

TEST(ImputeStep, ConstantsHaveTheColumnsType) {
  const auto fill = [](const Table& table, const char* value) {
    return applied(fitted(table, concat(R"j("columns": "x", "method": "constant", "value": )j", value)), table).texts("x");
  };
  EXPECT_EQ(fill(texts({"", "b"}), "\"?\""), (Texts{"?", "b"}));
  const Table times = run_steps(Table().with_timestamps("x", {0, 1'000'000}), R"j([{"step": "derive", "name": "x", "as": "previous(x)"}])j");
  EXPECT_EQ(fill(times, "\"2020-01-01\"")[0], "2020-01-01T00:00:00Z");
  EXPECT_EQ(fill(Table().with_booleans("x", {1, 1}, {1, 0}), "false"), (Texts{"false", "true"}));
  EXPECT_NE(refusal([&] { fill(texts({"a"}), "3"); }, Code::data).find("column 'x' is text, and value = 3 is not"), std::string::npos);
  EXPECT_NE(refusal([&] { fill(Table().with_numbers("x", {1}), "\"a\""); }, Code::data).find("is real"), std::string::npos);
}

TEST(ImputeStep, IndicatorsSayWhereCellsWereMissing) {
  const Table train = Table().with_numbers("x", {1, NAN}).with_numbers("y", {1, 2});
  const FittedRecipe recipe = fitted(train, R"j("columns": "*", "indicator": true)j");
  const Table out = applied(recipe, Table().with_numbers("x", {NAN, 7}).with_numbers("y", {NAN, 7}));
  EXPECT_EQ(out.names(), (Texts{"x", "y", "x_missing"}));
  EXPECT_EQ(out.numbers("x_missing"), (Numbers{1, 0}));
  EXPECT_NE(refusal([&] { applied(recipe, train.with_numbers("x_missing", {0, 0})); }, Code::data).find("already"), std::string::npos);
}

TEST(ImputeStep, AColumnWithoutAValueMayHaveAnyType) {
  const FittedRecipe numbers = fitted(Table().with_numbers("x", {1, 5}), R"j("columns": "x")j");
  EXPECT_EQ(applied(numbers, texts({"", ""})).numbers("x"), (Numbers{3, 3}));
  const FittedRecipe words = fitted(texts({"a"}), R"j("columns": "x", "method": "mode")j");
  EXPECT_EQ(applied(words, Table().with_numbers("x", {NAN})).texts("x"), (Texts{"a"}));
  EXPECT_NE(refusal([&] { applied(words, Table().with_numbers("x", {NAN, 1})); }, Code::data)
                .find("column 'x' is real, and was text among the training rows"),
            std::string::npos);
}

TEST(ImputeStep, WholeNumbersStayWhole) {
  const Table train = run_steps(Table().with_integers("x", {1, 9007199254740993, 2, 3}),
                                R"j([{"step": "derive", "name": "x", "as": "previous(x)"}])j");
  const Table out = applied(fitted(train, R"j("columns": "x", "method": "constant", "value": 4)j"), train);
  EXPECT_EQ(out.texts("x"), (Texts{"4", "1", "9007199254740993", "2"}));
}

TEST(ImputeStep, RefusesWhatMakesNoSense) {
  const auto mistake = [](const Table& train, const char* keys, Code code) { return refusal([&] { fitted(train, keys); }, code); };
  EXPECT_NE(mistake(texts({"a"}), R"j("columns": "x")j", Code::data).find("column 'x' is text, which has no median"), std::string::npos);
  EXPECT_NE(mistake(texts({""}), R"j("columns": "x", "method": "mode")j", Code::data).find("blank in all 1 training row"), std::string::npos);
  EXPECT_NE(mistake(texts({"a"}), R"j("columns": "x", "method": "constant", "value": [])j", Code::config).find("must be a number"),
            std::string::npos);
}

TEST(ImputeStep, SavedStatesAreSound) {
  const Table times = run_steps(Table().with_timestamps("t", {0, 1}), R"j([{"step": "derive", "name": "t", "as": "previous(t)"}])j");
  const Table table = times.with_texts("s", {"a", "b"}).with_numbers("n", {NAN, 2}).with_booleans("f", {1, 0}, {1, 0});
  expect_sound_state(fitted(table, R"j("columns": "*", "method": "mode", "indicator": true)j"), table);
}

TEST(ImputeStep, ACodeStaysOneWhereACodeIsFilledIn) {
  const auto counts = [](const char* value) {
    const Json steps = Json::parse(concat(R"j([{"step": "encode", "columns": "x", "unseen": "missing"},
      {"step": "impute", "columns": "x", "method": "constant", "value": )j", value, "}]"));
    return Recipe::parse(steps).fit(test_exec(), texts({"a", "b"})).categories();
  };
  EXPECT_EQ(counts("0"), (CategoryCounts{{"x", 3}}));
  EXPECT_TRUE(counts("3").empty());
  EXPECT_TRUE(counts("0.5").empty());
}

}  // namespace
}  // namespace crisp
