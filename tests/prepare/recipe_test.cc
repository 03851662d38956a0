#include "prepare/recipe.h"

#include <gtest/gtest.h>

#include <functional>

#include "prepare/functions.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

const Json& steps() {
  static const Json json = Json::parse(R"j([
    {"step": "filter", "where": "x < 8"},
    {"step": "impute", "columns": "speed"},
    {"step": "derive", "name": "z", "as": "speed + x"},
    {"step": "scale", "columns": ["z"], "method": "standard"}])j");
  return json;
}

FittedRecipe fitted() {
  StepLog log;
  const Recipe recipe = Recipe::parse(steps());
  return recipe.fit(test_exec(), recipe.run_stateless(test_exec(), example_table(), log));
}

TEST(Recipe, SplitsAtTheFirstFittedStep) {
  const Recipe recipe = Recipe::parse(steps());
  EXPECT_EQ(recipe.size(), 4u);
  EXPECT_EQ(recipe.stateless_steps(), 1u);
  EXPECT_EQ(Recipe::parse(Json::array()).stateless_steps(), 0u);
}

TEST(Recipe, RunsFrontAndTailAsOne) {
  StepLog log, front, tail;
  const FittedRecipe recipe = fitted();
  const Table whole = recipe.run(test_exec(), example_table(), log);
  const Table parts =
      recipe.apply(test_exec(), recipe.run_stateless(test_exec(), example_table(), front), tail);
  EXPECT_EQ(whole.numbers("z"), parts.numbers("z"));
  ASSERT_EQ(log.size(), 4u);
  EXPECT_EQ(front.size() + tail.size(), 4u);
  EXPECT_EQ(log[0].rows_before, 4);
  EXPECT_EQ(log[0].rows_after, 3);
  EXPECT_EQ(log[1].missing_before, 1);
  EXPECT_EQ(log[1].notes[0], "1 missing value filled");
  EXPECT_EQ(log[2].columns_after, 7);
  EXPECT_EQ(log[2].to_json()["title"], "derive z");
}

TEST(Recipe, StepsThatMoveRowsComeBeforeTheFittedOnes) {
  const Json scale = {{"step", "scale"}, {"columns", {"x"}}};
  for (const Json& step : {Json{{"step", "filter"}, {"where", "x > 1"}}, Json{{"step", "sort"}, {"by", {"x"}}},
                           Json{{"step", "drop_missing"}}, Json{{"step", "shuffle"}, {"seed", 1}}}) {
    EXPECT_NO_THROW(Recipe::parse(Json::array({step, scale})));
    try {
      Recipe::parse(Json::array({scale, step}));
      FAIL() << step.dump();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config);
      EXPECT_NE(std::string(error.what()).find("recipe step 2 ("), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("recipe step 1 (scale)"), std::string::npos) << error.what();
    }
  }
}

TEST(Recipe, GoesInPiecesWhereNoStepLooksAtOtherRows) {
  const auto row_wise = [](const Json& step) {
    return Recipe::parse(Json::array({step})).fit(test_exec(), example_table()).in_pieces();
  };
  EXPECT_TRUE(row_wise({{"step", "check"}, {"range", {{"x", {0, 9}}}}, {"policy", "drop"}}));
  EXPECT_FALSE(row_wise({{"step", "check"}, {"range", {{"x", {0, 9}}}}}));
  EXPECT_TRUE(row_wise({{"step", "derive"}, {"columns", {{"z", "x + 1"}}}}));
  EXPECT_TRUE(row_wise({{"step", "filter"}, {"where", "x > 1"}}));
  EXPECT_FALSE(row_wise({{"step", "derive"}, {"columns", {{"z", "x - previous(x)"}}}}));
  EXPECT_FALSE(row_wise({{"step", "sort"}, {"by", {"x"}}}));
  EXPECT_NO_THROW(row_wise({{"step", "derive"}, {"name", "distance (mi"}, {"as", "x * 2"}}));
}

TEST(Recipe, TheInputIsLeftAsItWas) {
  const Table table = example_table();
  StepLog log;
  fitted().run(test_exec(), table, log);
  EXPECT_EQ(table.rows(), 4);
  EXPECT_EQ(table.columns(), 6);
}

TEST(Recipe, ErrorsNameTheStep) {
  const Table other = Table().with_integers("y", {1});
  StepLog log;
  EXPECT_NE(refusal([&] { fitted().run(test_exec(), other, log); }, Code::config)
                .find("recipe step 1 (filter): unknown column 'x'"),
            std::string::npos);
}

/// Every value of the tree replaced by others, one at a time.
void each_damage(Json& node, const std::function<void()>& check) {
  const Json saved = node;
  for (const Json& other :
       {Json(), Json(-1), Json(0.0), Json("?"), Json::array(), Json::object(), Json(true)}) {
    node = other;
    check();
  }
  node = saved;
  if (!node.is_structured()) return;
  for (auto& child : node) each_damage(child, check);
}

TEST(Recipe, HostileSavedRecipesAreBadDataAndNothingElse) {
  Json json = fitted().to_json();
  int refused = 0;
  each_damage(json, [&] {
    try {
      FittedRecipe::from_json(json, "recipe.json");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data) << json.dump() << error.what();
      EXPECT_EQ(std::string(error.what()).rfind("recipe.json: ", 0), 0u) << error.what();
      ++refused;
    }
  });
  EXPECT_GT(refused, 100);
  EXPECT_EQ(FittedRecipe::from_json(json, "recipe.json").to_json().dump(), json.dump());
}

}  // namespace
}  // namespace crisp
