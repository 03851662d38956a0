#include "table/cell_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace crisp {
namespace {

std::string real(double value) {
  std::string out;
  append_real(out, value);
  return out;
}

std::string timestamp(int64_t value) {
  std::string out;
  append_timestamp(out, value);
  return out;
}

TEST(CellText, RealsStayReals) {
  EXPECT_EQ(real(1), "1.0");
  EXPECT_EQ(real(-0.0), "-0.0");
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(1e30), "1e+30");
  EXPECT_EQ(real(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(real(9007199254740992.0), "9007199254740992.0");
}

TEST(CellText, TimestampsInIso8601) {
  EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(timestamp(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp(1480976999250000), "2016-12-05T22:29:59.25Z");
  EXPECT_EQ(timestamp(951782400000000), "2000-02-29T00:00:00Z");
}

TEST(CellText, FarYearsHaveASignAndSixDigits) {
  EXPECT_EQ(timestamp(253402300799000000), "9999-12-31T23:59:59Z");
  EXPECT_EQ(timestamp(253402300800000000), "+010000-01-01T00:00:00Z");
  EXPECT_EQ(timestamp(-62167219200000001), "-000001-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp(std::numeric_limits<int64_t>::max()), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(timestamp(std::numeric_limits<int64_t>::min()), "-290308-12-21T19:59:05.224192Z");
}

}  // namespace
}  // namespace crisp
