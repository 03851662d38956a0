#include "prepare/expression.h"

#include <gtest/gtest.h>

#include "prepare/functions.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

std::string value(const std::string& expression) { return evaluated(example_table(), expression); }

TEST(Expression, OperatorsBindAsInMathematics) {
  EXPECT_EQ(value("1 + 2 * 3"), "7");
  EXPECT_EQ(value("(1 + 2) * 3"), "9");
  EXPECT_EQ(value("-2 ^ 2"), "-4.0");
  EXPECT_EQ(value("2 ^ 3 ^ 2"), "512.0");
  EXPECT_EQ(value("2 ^ -1"), "0.5");
  EXPECT_EQ(value("10 - 4 - 3"), "3");
  EXPECT_EQ(value("7 / 2"), "3.5");
  EXPECT_EQ(value("7 % 4"), "3");
  EXPECT_EQ(value("-1 % 24"), "23");
  EXPECT_EQ(value("1 + 1 = 2 and not 1 > 2 or false"), "true");
  EXPECT_EQ(value("true or true and false"), "true");
  EXPECT_EQ(value("1e3 + .5"), "1000.5");
}

TEST(Expression, IntegersStayIntegersAndMixAsReals) {
  EXPECT_EQ(value("x + 1"), "2, 3, 5, 9");
  EXPECT_EQ(value("x + 0.5"), "1.5, 2.5, 4.5, 8.5");
  EXPECT_EQ(value("x = 4.0"), "false, false, true, false");
}

TEST(Expression, TestsOfMembershipAndRange) {
  EXPECT_EQ(value("x in (2, 8)"), "false, true, false, true");
  EXPECT_EQ(value("x not in (2, 8)"), "true, false, true, false");
  EXPECT_EQ(value("x between 2 and 4"), "false, true, true, false");
  EXPECT_EQ(value("x not between 2 and 4 and x > 1"), "false, false, false, true");
  EXPECT_EQ(value("vehicle in ('b', 'c')"), "false, false, true, false");
}

TEST(Expression, MissingValuesPropagateAndLogicMayDecideWithoutThem) {
  EXPECT_EQ(value("speed + 1"), "1.5, 13.25, missing, 31.0");
  EXPECT_EQ(value("speed > 1"), "false, true, missing, true");
  EXPECT_EQ(value("speed > 1 or x > 3"), "false, true, true, true");
  EXPECT_EQ(value("speed > 1 and x > 100"), "false");
  EXPECT_EQ(value("speed is missing"), "false, false, true, false");
  EXPECT_EQ(value("speed is not missing"), "true, true, false, true");
  EXPECT_EQ(value("null + 1"), "missing");
  EXPECT_EQ(value("if_else(x > 2, x, null)"), "missing, missing, 4, 8");
}

TEST(Expression, WhatIsNotAFiniteNumberIsMissing) {
  EXPECT_EQ(value("x / 0"), "missing");
  EXPECT_EQ(value("log(0)"), "missing");
  EXPECT_EQ(value("sqrt(-1)"), "missing");
  EXPECT_EQ(value("exp(1000)"), "missing");
  EXPECT_EQ(value("x / (x - 2)"), "-1.0, missing, 2.0, 1.3333333333333333");
  EXPECT_EQ(value("7 % 0"), "missing");
}

TEST(Expression, TimestampsAreComparedSubtractedAndMoved) {
  EXPECT_EQ(value("t - previous(t)"), "missing, 60.0, -30.0, 3970.0");
  EXPECT_EQ(value("t > '2020-12-06T08:00:30Z'"), "false, true, false, true");
  EXPECT_EQ(value("timestamp('2020-12-06') + 0.25"), "2020-12-06T00:00:00.25Z");
  EXPECT_EQ(value("timestamp('2020-12-06') - 86400"), "2020-12-05T00:00:00Z");
  EXPECT_EQ(value("t - timestamp('2020-12-06T08:00:00+01:00')"), "3600.0, 3660.0, 3630.0, 7600.0");
  EXPECT_EQ(value("timestamp(text(t)) = t"), "true");
}

TEST(Expression, TimestampTextsOfManyForms) {
  EXPECT_EQ(value("timestamp('2020-02-29 23:59')"), "2020-02-29T23:59:00Z");
  EXPECT_EQ(value("timestamp('2020-12-06T08:30:00.123456789Z')"), "2020-12-06T08:30:00.123456Z");
  EXPECT_EQ(value("timestamp('2020-12-06T08:30:00-0530')"), "2020-12-06T14:00:00Z");
  for (const char* wrong : {"2021-02-29", "2020-13-01", "2020-12-06T24:00", "2020-12-06X", "20201206",
                            "2020-12-06T08:30:00.", ""}) {
    EXPECT_NE(
        refusal([&] { value(concat("timestamp('", wrong, "')")); }, Code::config).find("cannot be read"),
        std::string::npos)
        << wrong;
  }
}

TEST(Expression, TextsAndQuotedNames) {
  EXPECT_EQ(value("'it''s' + ' ' + vehicle"), "it's a, it's a, it's b, it's a");
  const Table odd = Table().with_integers("my column", {3}).with_integers("and", {4});
  EXPECT_EQ(evaluated(odd, "`my column` * `and`"), "12");
}

TEST(Expression, WorksOnATableWithoutRowsAndOnSlices) {
  EXPECT_EQ(evaluated(example_table().slice(0, 0), "group_sum(x, vehicle) + previous(x)"), "");
  EXPECT_EQ(evaluated(example_table().slice(1, 2), "x * 2"), "4, 8");
  const Table twice = Table::concatenate({example_table(), example_table()});
  EXPECT_EQ(evaluated(twice, "row_number(vehicle)"), "1, 2, 1, 3, 4, 5, 2, 6");
}

TEST(Expression, MissingKeysFormAGroupOfTheirOwn) {
  const Table table = example_table();
  EXPECT_EQ(evaluated(table, "group_count(x, if_else(x > 2, vehicle, null))"), "2, 2, 1, 1");
  EXPECT_EQ(evaluated(table, "group_sum(x, vehicle, x > 2)"), "3.0, 3.0, 4.0, 8.0");
}

}  // namespace
}  // namespace crisp
