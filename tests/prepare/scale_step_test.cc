#include <gtest/gtest.h>

#include <cmath>

#include "prepare/group_scales.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

FittedRecipe fitted(const Table& train, const std::string& step) {
  return Recipe::parse(Json::parse("[" + step + "]")).fit(test_exec(), train);
}

std::vector<double> applied(const FittedRecipe& recipe, const Table& table, const char* column = "x") {
  StepLog log;
  return recipe.run(test_exec(), table, log).numbers(column);
}

void expect_near(const std::vector<double>& got, const std::vector<double>& want, double tolerance = 1e-12) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance) << i;
}

Table numbers(const std::vector<double>& x) { return Table().with_numbers("x", x); }

TEST(ScaleStep, LearnsFromTrainingRowsAndAppliesToOthers) {
  const FittedRecipe recipe = fitted(numbers({1, 2, 3, NAN}), R"j({"step": "scale", "columns": "x"})j");
  expect_near(applied(recipe, numbers({2, 10})), {0, 8 / std::sqrt(2.0 / 3)});
  EXPECT_TRUE(std::isnan(applied(recipe, numbers({NAN}))[0]));
}

TEST(ScaleStep, GroupsHaveTheirOwnScaleDrawnTowardsTheUsualOne) {
  const Table train =
      numbers({0, 1, 2, 100, 110, 120, 7}).with_texts("who", {"a", "a", "a", "b", "b", "b", "c"});
  const FittedRecipe own =
      fitted(train, R"j({"step": "scale", "columns": "x", "method": "min_max", "per": "who", "shrink": 0})j");
  expect_near(applied(own, numbers({2, 105}).with_texts("who", {"a", "b"})), {1, 0.25});
  // The usual spread is the median of 2 and 20, the upper one of two.
  const FittedRecipe drawn =
      fitted(train, R"j({"step": "scale", "columns": "x", "method": "min_max", "per": "who", "shrink": 3})j");
  expect_near(applied(drawn, numbers({11, 120}).with_texts("who", {"a", "b"})), {1, 1});
}

TEST(ScaleStep, SmallAndUnseenGroupsTakeTheSharedScale) {
  const Table train = numbers({0, 1, 2, 10}).with_texts("who", {"a", "a", "a", "c"});
  const FittedRecipe recipe =
      fitted(train, R"j({"step": "scale", "columns": "x", "method": "max_abs", "per": "who"})j");
  StepLog log;
  const Table out = recipe.run(test_exec(), numbers({5, 5}).with_texts("who", {"c", "new"}), log);
  expect_near(out.numbers("x"), {0.5, 0.5});
  EXPECT_EQ(
      log[0].notes,
      (std::vector<std::string>{"2 rows of 2 groups without a scale of their own took the shared one"}));
}

TEST(ScaleStep, AConstantGroupDoesNotBlowUp) {
  const GroupRule rule{3, 0.0};
  const std::vector<std::string> who = {"a", "a", "a", "b", "b", "b"};
  const ColumnScales scales =
      fit_column_scales(test_exec(), ScaleMethod::robust, {5, 5, 5, 0, 4, 8}, who, rule);
  EXPECT_EQ(scales.of("a").scale, 4.0);
  EXPECT_EQ(scales.of("a").center, 5.0);
  EXPECT_EQ(fit_column_scales(test_exec(), ScaleMethod::standard, {5, 5}, {}, rule).shared.scale, 1.0);
}

TEST(ScaleStep, RowsAreScaledToLengthOne) {
  const Table table = Table().with_numbers("x", {3, 0}).with_numbers("y", {4, 0});
  const FittedRecipe recipe =
      fitted(table, R"j({"step": "scale", "columns": ["x", "y"], "method": "row_l2"})j");
  expect_near(applied(recipe, table), {0.6, 0.0}, 1e-7);
}

TEST(ScaleStep, SavedAndLoadedItAppliesEqually) {
  const Table train =
      numbers({0.1, 1.7, 2, 100, 110, 120.3, 7}).with_texts("who", {"a", "a", "a", "b", "b", "b", "c"});
  for (const char* method :
       {"standard", "min_max", "robust", "robust_arcsinh", "max_abs", "log1p", "box_cox", "yeo_johnson"}) {
    const FittedRecipe recipe = fitted(
        train, concat(R"j({"step": "scale", "columns": "*x*", "per": "who", "method": ")j", method, "\"}"));
    const Json saved = Json::parse(recipe.to_json().dump());
    const FittedRecipe loaded = FittedRecipe::from_json(saved, "recipe.json");
    EXPECT_EQ(applied(loaded, train), applied(recipe, train)) << method;
    EXPECT_EQ(loaded.to_json().dump(), saved.dump()) << method;
  }
}

TEST(ScaleStep, RefusesWhatItCannotScale) {
  const auto mistake = [](const Table& table, const char* step) {
    return refusal([&] { fitted(table, step); }, Code::data);
  };
  EXPECT_EQ(mistake(numbers({1, INFINITY}), R"j({"step": "scale", "columns": "x"})j"),
            "recipe step 1 (scale): column 'x': row 2: an infinite value cannot be scaled | ");
  EXPECT_NE(mistake(numbers({NAN}), R"j({"step": "scale", "columns": "x"})j").find("no value to fit"),
            std::string::npos);
  EXPECT_NE(
      mistake(numbers({0}), R"j({"step": "scale", "columns": "x", "method": "box_cox"})j").find("above 0"),
      std::string::npos);
  EXPECT_NE(mistake(numbers({1}), R"j({"step": "scale", "columns": "y"})j").find("no column 'y'"),
            std::string::npos);
  EXPECT_NE(
      refusal([&] { fitted(numbers({1}), R"j({"step": "scale", "columns": "x", "method": "robst"})j"); },
              Code::config)
          .find("did you mean 'robust'?"),
      std::string::npos);
}

TEST(ImputeStep, FillsWithWhatTheTrainingRowsHad) {
  const Table train = numbers({1, 2, 6, NAN});
  expect_near(applied(fitted(train, R"j({"step": "impute", "columns": "x"})j"), numbers({NAN, 9})), {2, 9});
  expect_near(
      applied(fitted(train, R"j({"step": "impute", "columns": "x", "method": "mean"})j"), numbers({NAN})),
      {3});
  expect_near(
      applied(fitted(train, R"j({"step": "impute", "columns": "x", "method": "constant", "value": -1})j"),
              numbers({NAN})),
      {-1});
}

}  // namespace
}  // namespace crisp
