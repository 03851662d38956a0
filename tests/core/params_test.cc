#include "core/params.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"

namespace crisp {
namespace {

const ParamTable& table() {
  static const ParamTable table({
      {.name = "num_trees",
       .fallback = int64_t{50},
       .help = "trees",
       .low = 50,
       .high = 1000,
       .aliases = {"n_estimators"}},
      {.name = "rate", .fallback = 0.1, .help = "step", .low = 0, .high = 1},
      {.name = "bagging", .fallback = false, .help = "sample"},
      {.name = "scale", .fallback = std::string("robust"), .help = "how", .choices = {"none", "robust"}},
      {.name = "seed", .fallback = int64_t{0}, .help = "any"},
      {.name = "note", .fallback = std::string(), .help = "free"},
  });
  return table;
}

Params resolve(const char* json) { return table().resolve(Json::parse(json)); }

TEST(Params, DefaultsAndTypes) {
  const Params params = resolve("{}");
  EXPECT_EQ(params.integer("num_trees"), 50);
  EXPECT_EQ(params.real("rate"), 0.1);
  EXPECT_FALSE(params.flag("bagging"));
  EXPECT_EQ(params.text("scale"), "robust");
  EXPECT_EQ(to_text(params.to_json()),
            R"({"bagging":false,"note":"","num_trees":50,"rate":0.1,"scale":"robust","seed":0})");
}

TEST(Params, TakesJsonAndTypedText) {
  const Params params =
      resolve(R"({"n-estimators": "100", "rate": 1, "bagging": "true", "seed": 7.0, "note": "x y"})");
  EXPECT_EQ(params.integer("num_trees"), 100);
  EXPECT_EQ(params.real("rate"), 1.0);
  EXPECT_TRUE(params.flag("bagging"));
  EXPECT_EQ(params.integer("seed"), 7);
  EXPECT_EQ(params.text("note"), "x y");
  EXPECT_EQ(resolve(R"({"note": ["x", 64, 0.5]})").text("note"), "x, 64, 0.5");
  EXPECT_EQ(resolve(R"({"note": []})").text("note"), "");
  EXPECT_EQ(resolve(R"({"seed": "1e6"})").integer("seed"), 1000000);
  EXPECT_EQ(resolve(R"({"seed": -9223372036854775808})").integer("seed"), INT64_MIN);
}

TEST(Params, SaysWhatIsAllowed) {
  EXPECT_ERROR(resolve(R"({"num_tree": 60})"), Code::config, "did you mean 'num_trees'");
  EXPECT_ERROR(resolve(R"({"zzzzzzzzzz": 1})"), Code::config, "the parameters are num_trees, rate");
  EXPECT_ERROR(resolve(R"({"num_trees": 49})"), Code::config,
               "is 49; expected a whole number from 50 to 1000");
  EXPECT_ERROR(resolve(R"({"num_trees": "1e300"})"), Code::config, "expected a whole number");
  EXPECT_ERROR(resolve(R"({"num_trees": "60x"})"), Code::config, "'60x'");
  EXPECT_ERROR(resolve(R"({"num_trees": 60.5})"), Code::config, "60.5");
  EXPECT_ERROR(resolve(R"({"seed": 18446744073709551615})"), Code::config, "expected a whole number");
  EXPECT_ERROR(resolve(R"({"rate": "nan"})"), Code::config, "expected a number from 0 to 1");
  EXPECT_ERROR(resolve(R"({"rate": [1]})"), Code::config, "[1]");
  EXPECT_ERROR(resolve(R"({"note": [["x"]]})"), Code::config, "expected a text");
  EXPECT_ERROR(resolve(R"({"scale": ["none"]})"), Code::config, "one of none, robust");
  EXPECT_ERROR(resolve(R"({"bagging": "maybe"})"), Code::config, "expected true or false");
  EXPECT_ERROR(resolve(R"({"scale": "log"})"), Code::config, "one of none, robust");
  EXPECT_ERROR(resolve(R"({"num_trees": 60, "n_estimators": 70})"), Code::config, "given twice");
  EXPECT_ERROR(resolve("[1]"), Code::config, "table");
}

TEST(Params, OurOwnMistakesAreBugs) {
  EXPECT_ERROR(resolve("{}").integer("rate"), Code::bug, "internal error");
  EXPECT_ERROR(resolve("{}").flag("no_such"), Code::bug, "internal error");
  EXPECT_ERROR(
      ParamTable({{.name = "a", .fallback = true, .help = ""}, {.name = "a", .fallback = true, .help = ""}}),
      Code::bug, "internal error");
}

}  // namespace
}  // namespace crisp
