// Every step and function that has a TorchScript form: the module's columns are those of the recipe itself.
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "export/verify.h"
#include "prepare/expression.h"
#include "prepare/functions.h"
#include "tests/export/scripted.h"

namespace crisp {
namespace {

Json derive(const std::string& expression, const char* name = "v") {
  return {{"step", "derive"}, {"name", name}, {"as", expression}};
}

/// How many rows the module and the recipe both answer with a number; the numbers have been compared.
int64_t agreed(const Json& steps, const Table& table, const std::string& feature) {
  const Scripted scripted(steps, table);
  return scripted.compared(feature, table).rows;
}

/// A module reads some column, which an expression of constants does not.
int64_t agreed(const std::string& expression) {
  return agreed(Json::array({derive(expression), derive("if_else(x > 0, v, v)", "w")}), example_table(), "w");
}

TEST(ScriptedSteps, FunctionsAnswerAsTheExpressionLanguageDoes) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  std::set<std::string> refused;
  Exec exec(Device::cpu(), 1);
  for (const FunctionInfo& function : function_reference()) {
    if (function.group == "window" || function.group == "aggregate") continue;
    SCOPED_TRACE(function.example);
    const Table answered = Expression::parse(function.example).derive(exec, example_table(), "v");
    std::string expression = function.example;
    if (answered.type("v") == ColumnType::text)
      expression = concat("if_else(", expression, " = 'low', 1, 2)");
    if (answered.type("v") == ColumnType::timestamp)
      expression = concat("(", expression, ") - timestamp('2020-12-06')");
    try {
      EXPECT_GT(agreed(expression), 0);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unavailable) << error.what();
      refused.insert(function.name);
    }
  }
  EXPECT_EQ(refused,
            (std::set<std::string>{"concat", "contains", "ends_with", "length", "lower", "matches", "number",
                                   "replace", "starts_with", "substring", "text", "trim", "upper"}));
}

TEST(ScriptedSteps, OperatorsAnswerAsTheExpressionLanguageDoes) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  for (const char* expression : {"x + 1",
                                 "x - 0.5",
                                 "x * x",
                                 "x / 3",
                                 "x / 0",
                                 "-x % 3",
                                 "x % 2.5",
                                 "x % 0",
                                 "2 ^ x",
                                 "-x",
                                 "speed > 3",
                                 "speed <= 12.25",
                                 "speed = 30",
                                 "x != 2",
                                 "speed > 3 and x > 1",
                                 "speed > 3 or x > 1",
                                 "speed > 3 or x > 100",
                                 "not speed > 3",
                                 "speed is missing",
                                 "speed is not missing",
                                 "x in (2, 8)",
                                 "x not in (2, 8)",
                                 "speed between 1 and 20",
                                 "x not between 2 and 4",
                                 "vehicle = 'a'",
                                 "vehicle != 'a'",
                                 "vehicle in ('b', 'z')",
                                 "vehicle = null",
                                 "t > '2020-12-06T08:00:10Z'",
                                 "t - '2020-12-06'",
                                 "(t + 86400) - t",
                                 "hour(t + 3600)",
                                 "if_else(speed > 3, speed, 0)",
                                 "if_else(vehicle = 'a', 'red', vehicle) = 'red'",
                                 "coalesce(speed, x)",
                                 "coalesce(null, speed, 7)",
                                 "min(speed, x, 3)",
                                 "max(speed, 3)",
                                 "round(speed * 1.37, 1)",
                                 "round(-2.5)",
                                 "round(2.5)",
                                 "sqrt(x - 3)",
                                 "log(x - 1)",
                                 "haversine(lat, lon, 40.7, -74)",
                                 "bearing(40.7, -74, lat, lon)",
                                 "week(t + 86400 * 365 * 5)",
                                 "day_of_year(t - 86400 * 300)",
                                 "weekday(t - 86400 * 20000)",
                                 "year(t - 86400 * 40000)",
                                 "month(t + 86400 * 100)",
                                 "day(t + 86400 * 85)"}) {
    SCOPED_TRACE(expression);
    EXPECT_NO_THROW(agreed(expression));
  }
}

/// Numbers with a missing one, categories with an unseen and a missing one, dates.
Table rows() {
  Table table = Table()
                    .with_numbers("a", {1, 2, 3, 4, 5, 6, 7, 100})
                    .with_numbers("b", {2, 4, std::nan(""), 8, 16, 32, 64, 1});
  table = table.with_integers("n", {1, 2, 3, 1, 2, 3, 1, 2})
              .with_booleans("f", {1, 0, 1, 0, 1, 1, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 1});
  table = table.with_texts("c", {"x", "y", "z", "x", "y", "x", "x", "y"})
              .with_texts("g", {"p", "p", "q", "q", "p", "q", "p", "q"});
  return table.with_timestamps("d", {0, 86'400'000'000, 1'607'000'000'000'000, 951'782'400'000'000, 1,
                                     4'000'000'000'000'000, -1, 1'000'000'000'000});
}

struct StepCase {
  const char *steps, *feature;
};

TEST(ScriptedSteps, StepsAnswerAsTheRecipeDoes) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const StepCase cases[] = {
      {R"([{"step":"scale","columns":["a"]}])", "a"},
      {R"([{"step":"scale","columns":["b"],"method":"min_max"}])", "b"},
      {R"([{"step":"scale","columns":["a"],"method":"robust"}])", "a"},
      {R"([{"step":"scale","columns":["b"],"method":"robust_arcsinh","per":"g"}])", "b"},
      {R"([{"step":"scale","columns":["b"],"method":"standard","per":"n","min_rows":1}])", "b"},
      {R"([{"step":"scale","columns":["b"],"method":"max_abs"}])", "b"},
      {R"([{"step":"scale","columns":["a","b"],"method":"row_l2"}])", "a"},
      {R"([{"step":"scale","columns":["b"],"method":"log1p"}])", "b"},
      {R"([{"step":"scale","columns":["b"],"method":"box_cox"}])", "b"},
      {R"([{"step":"derive","name":"m","as":"b - 20"},{"step":"scale","columns":["m"],"method":"yeo_johnson"}])",
       "m"},
      {R"([{"step":"impute","columns":["b"],"indicator":true}])", "b"},
      {R"([{"step":"impute","columns":["b"],"indicator":true}])", "b_missing"},
      {R"([{"step":"impute","columns":["b"],"method":"mean"}])", "b"},
      {R"([{"step":"impute","columns":["f"],"method":"mode"}])", "f"},
      {R"([{"step":"impute","columns":["c"],"method":"mode"},{"step":"encode","columns":["c"]}])", "c"},
      {R"([{"step":"encode","columns":["c"]}])", "c"},
      {R"([{"step":"encode","columns":["c"],"unseen":"missing"}])", "c"},
      {R"([{"step":"encode","columns":["n"],"max_categories":2}])", "n"},
      {R"([{"step":"encode","columns":["f"]}])", "f"},
      {R"([{"step":"encode","columns":["d"]}])", "d"},
      {R"([{"step":"encode","columns":["c"],"method":"one_hot"}])", "c=x"},
      {R"([{"step":"encode","columns":["c"],"method":"one_hot","max_categories":1}])", "c=(other)"},
      {R"([{"step":"encode","columns":["c"],"method":"one_hot","unseen":"missing"}])", "c=y"},
      {R"([{"step":"encode","columns":["c"],"method":"frequency"}])", "c"},
      {R"([{"step":"encode","columns":["c"],"method":"target","target":"a"}])", "c"},
      {R"([{"step":"encode","columns":["c"],"method":"target","target":"g","unseen":"missing"}])", "c"},
      {R"([{"step":"bin","columns":["b"],"bins":3}])", "b"},
      {R"([{"step":"bin","columns":["b"],"method":"edges","edges":[2,8,16],"closed":"right","missing":"bin"}])",
       "b"},
      {R"([{"step":"bin","columns":["a"],"method":"edges","edges":[3],"labels":["few","many"]},{"step":"encode","columns":["a"],"method":"one_hot"}])",
       "a=few"},
      {R"([{"step":"clip","columns":["a"],"low":2,"high_quantile":0.8}])", "a"},
      {R"([{"step":"date_parts","columns":["d"],"parts":["year","month","day","hour"]}])", "d_year"},
      {R"([{"step":"date_parts","columns":["d"],"parts":["weekday","day_of_year"],"cyclic":true}])",
       "d_day_of_year_cos"},
      {R"([{"step":"rename","columns":{"a":"b","b":"a"}}])", "a"},
      {R"([{"step":"cast","columns":{"f":"integer","n":"real"}}])", "f"},
      {R"([{"step":"cast","columns":{"n":"boolean","a":"timestamp"}}])", "n"},
      {R"([{"step":"filter","where":"b > 3 or a > 50"}])", "a"},
      {R"([{"step":"drop_missing"}])", "b"},
      {R"([{"step":"check","range":{"b":[0,20]},"policy":"drop"}])", "a"},
      {R"([{"step":"select","columns":["a","c"]},{"step":"encode","columns":["c"]}])", "c"},
      {R"([{"step":"sort","by":["a"],"descending":true},{"step":"sample","rows":3},{"step":"scale","columns":["a"]}])",
       "a"},
  };
  const Table odd = with_oddities(rows());
  for (const StepCase& given : cases) {
    SCOPED_TRACE(given.steps);
    const Scripted scripted(Json::parse(given.steps), rows());
    EXPECT_GT(scripted.compared(given.feature, rows()).rows, 0);
    EXPECT_GT(scripted.compared(given.feature, odd).rows, 0);
  }
}

/// A training row without a category makes "missing" a category of its own, which is not that of unseen ones.
TEST(ScriptedSteps, MissingAndUnseenCategoriesDiffer) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const Table odd = with_oddities(rows());
  for (const char* method : {"frequency", "target"}) {
    Json step = {{"step", "encode"}, {"columns", {"c"}}, {"method", method}};
    if (std::string(method) == "target") step["target"] = "n";
    const Scripted scripted(Json::array({step}), odd.take({0, 1, 4, 5}));
    EXPECT_EQ(scripted.compared("c", odd).rows, 8) << method;
  }
}

/// Four centuries are one turn of the calendar.
TEST(ScriptedSteps, DaysOfFourCenturies) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  std::vector<int64_t> times;
  for (int64_t i = -2500; i < 2500; ++i) times.push_back(i * 29 * 86'400'000'000 + i * 7'654'321'001);
  const Table table = Table().with_timestamps("t", times);
  for (const char* function : {"year", "month", "day", "hour", "minute", "second", "weekday", "day_of_year",
                               "week", "epoch_seconds"}) {
    EXPECT_EQ(agreed(Json::array({derive(concat(function, "(t)"))}), table, "v"), 5000) << function;
  }
}

TEST(ScriptedSteps, AColumnThatNothingReadsMayBeOfAnyKind) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const Json steps = Json::array({derive("upper(c)"), {{"step", "scale"}, {"columns", {"a"}}}});
  EXPECT_EQ(agreed(steps, rows(), "a"), 8);
}

TEST(ScriptedSteps, WhatItCannotDoIsRefusedByName) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const Json steps = Json::array({derive("length(c)"), {{"step", "scale"}, {"columns", {"v"}}}});
  try {
    agreed(steps, rows(), "v");
    FAIL() << "length() of texts passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unavailable);
    EXPECT_NE(std::string(error.what()).find("length()"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("column 'v'"), std::string::npos) << error.what();
  }
}

TEST(ScriptedSteps, WhatLooksAtOtherRowsStaysBehind) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const Json steps = Json::array({derive("a - previous(a, g)"), {{"step", "scale"}, {"columns", {"v"}}}});
  const Scripted scripted(steps, rows());
  Exec exec(Device::cpu(), 1);
  const ScriptModule module = script_module(exec, scripted.exported("v"));
  EXPECT_EQ(module.first, 1u);
  ASSERT_EQ(module.columns.size(), 1u);
  EXPECT_EQ(module.columns[0].name, "v");
  EXPECT_EQ(module.left_out, std::vector<std::string>{"derive v"});
}

TEST(ScriptedSteps, NarrowKeepsToTheSameSides) {
  if (!has_torch()) GTEST_SKIP() << "no LibTorch";
  const double largest = std::numeric_limits<double>::max();
  const Table table = Table().with_numbers("a", {0, -0.0, 1e-36, 0.1, 0.1 + 1e-12, 1600000000, 1600000001, 1600000002, largest, -largest, std::nan("")});
  const Json cuts = {{"a", {0.1, 1600000000.5, 1600000001.5}}};
  EXPECT_EQ(agreed(Json::array({{{"step", "narrow"}, {"cuts", cuts}}}), table, "a"), 10);
  EXPECT_EQ(agreed(Json::array({{{"step", "narrow"}, {"cuts", cuts}, {"zeros_missing", {"a"}}}}), table, "a"), 7);
  // By themselves the differences would be less than what is taken for rounding.
  const Json apart = {{"step", "derive"}, {"name", "v"}, {"as", "a - 1600000001"}};
  EXPECT_EQ(agreed(Json::array({{{"step", "narrow"}, {"cuts", cuts}}, apart}), table.slice(5, 3), "v"), 3);
}

}  // namespace
}  // namespace crisp
