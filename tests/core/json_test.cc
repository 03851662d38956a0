#include "core/json.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"

namespace crisp {
namespace {

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_text(parse_json(R"({"b": 1, "a": [true, null, "x", -2, 0.5]})", "f")),
            R"({"b":1,"a":[true,null,"x",-2,0.5]})");
}

TEST(Json, NamesTheLineOfASyntaxError) {
  EXPECT_ERROR(parse_json("{\n\"a\": 1,\n\"b\" 2}", "m.json"), Code::data, "m.json: line 3");
  EXPECT_ERROR(parse_json("", "m.json"), Code::data, "m.json");
  EXPECT_ERROR(parse_json("{} x", "m.json"), Code::data, "m.json");
  EXPECT_ERROR(parse_json("[1e999]", "m.json"), Code::data, "m.json");
  EXPECT_ERROR(parse_json("[NaN]", "m.json"), Code::data, "m.json");
  EXPECT_ERROR(parse_json("\"\xff\"", "m.json"), Code::data, "m.json");
  EXPECT_ERROR(parse_json("\"\\ud800\"", "m.json"), Code::data, "m.json");
}

TEST(Json, RefusesAKeyThatStandsTwice) {
  EXPECT_ERROR(parse_json(R"({"a": {"k": 1, "k": 2}})", "f"), Code::data, "'k' stands twice");
  EXPECT_NO_THROW(parse_json(R"({"a": {"k": 1}, "k": 2})", "f"));
}

TEST(Json, RefusesWhatIsTooDeepLargeOrMany) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_NO_THROW(parse_json(nested(32), "f"));
  EXPECT_ERROR(parse_json(nested(33), "f"), Code::data, "deeper than 32");
  EXPECT_ERROR(parse_json(std::string(5'000'000, '['), "f"), Code::data, "deeper than 32");
  const JsonLimits small{.bytes = 10, .values = 4};
  EXPECT_NO_THROW(parse_json("[1,2,3]", "f", Code::data, small));
  EXPECT_ERROR(parse_json("[1,2,3,4]", "f", Code::data, small), Code::data, "more than 4 values");
  EXPECT_ERROR(parse_json("[         ]", "f", Code::data, small), Code::data, "11 bytes");
}

TEST(Json, ManyKeysTakeLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += concat(i ? "," : "", '"', i, "\":0");
  EXPECT_EQ(parse_json(text + "}", "f").size(), 300'000u);  // minutes, where each key is looked for in a list
}

TEST(Json, WritesTextThatIsNotUtf8) { EXPECT_EQ(to_text(Json("a\xff\x1b")), "\"a\xef\xbf\xbd\\u001b\""); }

}  // namespace
}  // namespace crisp
