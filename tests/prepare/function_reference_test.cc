// Every function's example gives what its reference says.
#include <gtest/gtest.h>

#include <set>

#include "prepare/functions.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

std::string aggregated(const std::string& expression) {
  const Json step = {{"step", "aggregate"}, {"columns", {{"result", expression}}}};
  StepLog log;
  return Recipe::parse(Json::array({step}))
      .run_stateless(test_exec(), example_table(), log)
      .texts("result")[0];
}

TEST(FunctionReference, EveryExampleGivesItsValue) {
  for (const FunctionInfo& info : function_reference()) {
    const std::string got =
        info.group == "aggregate" ? aggregated(info.example) : evaluated(example_table(), info.example);
    EXPECT_EQ(got, info.expected) << info.group << ": " << info.example;
  }
}

TEST(FunctionReference, EveryEntryIsComplete) {
  std::set<std::string> seen;
  for (const FunctionInfo& info : function_reference()) {
    EXPECT_FALSE(info.meaning.empty() || info.result.empty() || info.expected.empty()) << info.name;
    EXPECT_NE(info.example.find(info.name + "("), std::string::npos) << info.name;
    EXPECT_TRUE(seen.insert(info.group + " " + info.name + "(" + info.arguments).second) << info.name;
  }
  EXPECT_GE(seen.size(), 70u);
}

}  // namespace
}  // namespace crisp
