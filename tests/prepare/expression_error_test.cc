// Mistakes in expressions: what is said, and where the caret points.
#include <gtest/gtest.h>

#include "prepare/functions.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

std::string mistake(const std::string& expression) {
  return refusal([&] { evaluated(example_table(), expression); }, Code::config);
}

void expect_says(const std::string& expression, const std::string& part) {
  EXPECT_NE(mistake(expression).find(part), std::string::npos) << expression << " -> " << mistake(expression);
}

TEST(ExpressionError, PointsAtTheUnknownColumnAndNamesTheNearest) {
  EXPECT_EQ(mistake("x > 3 and sped < 3"),
            "unknown column 'sped' (position 11 of: x > 3 and sped < 3) | x > 3 and sped < 3\n"
            "          ^^^^ did you mean 'speed'?");
}

TEST(ExpressionError, CaretCountsLettersNotBytes) {
  expect_says("'größe' = nme", "'größe' = nme\n          ^^^");
}

TEST(ExpressionError, SaysWhatIsWrong) {
  expect_says("hvaersine(lat, lon, lat, lon)", "did you mean 'haversine'?");
  expect_says("sqrt(1, 2)", "wrong number of arguments for sqrt: 2 given");
  expect_says("sqrt(1, 2)", "it is sqrt(x)");
  expect_says("sqrt('a')", "sqrt needs a number as x, and this is text");
  expect_says("lag(x, x)", "a constant integer of 0 or more");
  expect_says("lag(x, -1)", "a constant integer of 0 or more");
  expect_says("x + 'a'", "'+' does not take integer and text");
  expect_says("x and true", "'and' needs true or false");
  expect_says("(x > 2) + 1", "if_else(flag, 1, 0)");
  expect_says("1 2", "unexpected '2' after the end");
  expect_says("'abc", "unclosed quote");
  expect_says("`abc", "unclosed quote");
  expect_says("x >", "the expression ends where a value was expected");
  expect_says("", "the expression is empty");
  expect_says("(x", "expected ')'");
  expect_says("1 < x < 3", "comparisons do not chain");
  expect_says("x && true", "use the words and, or, not");
  expect_says("x in ()", "the list of 'in' is empty");
  expect_says("x is 3", "expected 'missing' after 'is'");
  expect_says("3x", "neither a number nor a name");
  expect_says("1.2.3", "not a number");
  expect_says("1e999", "not a number");
  expect_says("9223372036854775807 + x", "does not fit a 64-bit integer");
  expect_says("matches(vehicle, '(')", "matches: ");
  expect_says("t > 'yesterday'", "'>' does not take timestamp and text");
  expect_says("if_else(true, 1, 'a')", "both answers must be of one type");
}

TEST(ExpressionError, DepthIsLimitedHoweverItArises) {
  const auto repeated = [](const std::string& part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += part;
    return out;
  };
  expect_says(repeated("(", 5000) + "1" + repeated(")", 5000), "more than 32 nested parts");
  expect_says(repeated("-", 5000) + "1", "more than 32 nested parts");
  expect_says(repeated("not ", 4000) + "true", "more than 32 nested parts");
  expect_says("1" + repeated("^1", 4000), "more than 32 nested parts");
  expect_says("1" + repeated("+1", 4000), "too many parts");
  expect_says(repeated("abs(", 100) + "1" + repeated(")", 100), "more than 32 nested parts");
  expect_says(std::string(30000, ' ') + "1", "the limit is 20000");
  EXPECT_EQ(evaluated(example_table(), "1" + repeated("+1", 200)), "201");
}

TEST(ExpressionError, EveryCutAndEveryChangedSignIsRefusedCleanly) {
  const std::string valid =
      "if_else(x between 1 and 3, -x ^ 2, coalesce(speed, `x`)) >= 1e1 or not vehicle in ('a', 'b''c')";
  const auto run = [](const std::string& text) {
    try {
      evaluated(example_table(), text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config) << text << ": " << error.what();
    }
  };
  for (size_t i = 0; i < valid.size(); ++i) {
    run(valid.substr(0, i));
    for (const char sign : std::string("(),'`^-. x0\n\xc3")) {
      std::string changed = valid;
      changed[i] = sign;
      run(changed);
    }
  }
}

}  // namespace
}  // namespace crisp
