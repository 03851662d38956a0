#include <gtest/gtest.h>

#include <cmath>

#include "cuda/error.h"
#include "prepare/recipe.h"

namespace crisp {
namespace {

using Numbers = std::vector<double>;

Table applied(const std::string& keys, const Table& table) {
  Exec exec(Device::cpu(), 1);
  StepLog log;
  return Recipe::parse(Json::parse("[{" + keys + "}]")).run_stateless(exec, table, log);
}

std::string refusal_of(const std::string& keys) {
  try {
    Recipe::parse(Json::parse("[{" + keys + "}]"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    return error.what();
  }
  return "passed";
}

TEST(NarrowStep, RoundsWithoutCrossingACut) {
  const Numbers seconds = {1600000000, 1600000001, 1600000002, NAN};
  const Table out = applied(R"j("step": "narrow", "cuts": {"x": [1600000000.5, 1600000001.5]})j", Table().with_numbers("x", seconds).with_numbers("y", seconds));
  const Numbers x = out.numbers("x");
  EXPECT_LT(x[0], x[1]);
  EXPECT_LT(x[1], x[2]);
  EXPECT_TRUE(std::isnan(x[3]));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(x[i], static_cast<double>(static_cast<float>(x[i])));
  EXPECT_EQ(out.numbers("y")[1], 1600000001);
}

TEST(NarrowStep, TakesZerosForMissingWhereAsked) {
  const Table out = applied(R"j("step": "narrow", "cuts": {"x": [0.5], "y": [0.5]}, "zeros_missing": ["x"])j",
                            Table().with_numbers("x", {0, -0.0, 1e-36, 1e-34, 2}).with_numbers("y", {0, 0, 0, 0, 0}));
  EXPECT_EQ(out.missing("x"), (std::vector<uint8_t>{1, 1, 1, 0, 0}));
  EXPECT_EQ(out.missing("y"), (std::vector<uint8_t>{0, 0, 0, 0, 0}));
}

TEST(NarrowStep, SaysWhatIsWrong) {
  EXPECT_NE(refusal_of(R"j("step": "narrow", "cuts": [1])j").find("no table"), std::string::npos);
  EXPECT_NE(refusal_of(R"j("step": "narrow", "cuts": {})j").find("no table"), std::string::npos);
  EXPECT_NE(refusal_of(R"j("step": "narrow", "cuts": {"x": 1})j").find("column 'x' are no list"), std::string::npos);
  EXPECT_NE(refusal_of(R"j("step": "narrow", "cuts": {"x": ["a"]})j").find("no finite number"), std::string::npos);
  EXPECT_NE(refusal_of(R"j("step": "narrow", "cuts": {"x": [1]}, "zeros_missing": ["y"])j").find("'y', which has no cuts"), std::string::npos);
}

}  // namespace
}  // namespace crisp
