// A module that does not answer as the pipeline does is found out.
#include "export/verify.h"

#include <gtest/gtest.h>

#include "tests/export/scripted.h"

namespace crisp {
namespace {

class FakeRunner : public ScriptRunner {
 public:
  explicit FakeRunner(std::vector<double> answers) : answers_(std::move(answers)) {}
  std::vector<std::vector<double>> answer(
      const std::map<std::string, std::vector<std::string>>&) const override {
    return {answers_};
  }
  std::string extra(const std::string&) const override { return {}; }

 private:
  std::vector<double> answers_;
};

Comparison compared(const std::vector<double>& answers) {
  const Table table = Table().with_numbers("a", {1, std::nan(""), 3});
  const Scripted scripted(Json::array(), table);
  Exec exec(Device::cpu(), 1);
  const Exported source = scripted.exported("a");
  return compare(exec, source, script_module(exec, source), FakeRunner(answers), table);
}

void expect_found(const std::vector<double>& answers, const std::string& says) {
  try {
    compared(answers);
    FAIL() << "passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::bug);
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

TEST(Verify, SmallDifferencesAreMeasured) {
  const Comparison same = compared({1, std::nan(""), 3});
  EXPECT_EQ(same.rows, 2);
  EXPECT_EQ(same.unanswered, 1);
  EXPECT_EQ(same.largest, 0);
  EXPECT_NEAR(compared({1, std::nan(""), 3 * (1 + 5e-7)}).largest, 5e-7, 1e-12);
}

TEST(Verify, LargeOnesAreErrors) { expect_found({1, std::nan(""), 3 * (1 + 2e-6)}, "row 3"); }

TEST(Verify, RowsAnsweredByOneAloneAreErrors) {
  expect_found({1, 2, 3}, "row 2");
  expect_found({1, std::nan(""), std::nan("")}, "answers 1 rows, crisp 2");
  expect_found({1, 3}, "2 numbers for 3 rows");
}

}  // namespace
}  // namespace crisp
