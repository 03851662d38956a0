#include "read/csv_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "table/cell_text.h"

namespace crisp {
namespace {

std::string timestamp(std::string_view text, const std::vector<std::string>& formats = {}) {
  int64_t value = 0;
  if (!parse_timestamp(text, formats, value)) return "no";
  std::string out;
  append_timestamp(out, value);
  return out;
}

TEST(CsvValue, JoinIsASemilattice) {
  const Kind all[] = {Kind::none, Kind::boolean, Kind::integer, Kind::real, Kind::timestamp, Kind::text};
  for (const Kind a : all) {
    EXPECT_EQ(join(a, a), a);
    EXPECT_EQ(join(a, Kind::text), Kind::text);
    for (const Kind b : all) {
      EXPECT_EQ(join(a, b), join(b, a));
      for (const Kind c : all) EXPECT_EQ(join(join(a, b), c), join(a, join(b, c)));
    }
  }
}

TEST(CsvValue, IsoTimestamps) {
  EXPECT_EQ(timestamp("2016-12-06"), "2016-12-06T00:00:00Z");
  EXPECT_EQ(timestamp("2016-12-06 08:30"), "2016-12-06T08:30:00Z");
  EXPECT_EQ(timestamp("2016-12-06T08:30:15.1234567"), "2016-12-06T08:30:15.123456Z");
  EXPECT_EQ(timestamp("2016-12-06T08:30:15+05:30"), "2016-12-06T03:00:15Z");
  EXPECT_EQ(timestamp("2016-12-06T08:30-0800"), "2016-12-06T16:30:00Z");
  EXPECT_EQ(timestamp("2016-12-06T08:30:00+01"), "2016-12-06T07:30:00Z");
  EXPECT_EQ(timestamp("1969-12-31T23:59:59.75Z"), "1969-12-31T23:59:59.75Z");
  for (const char* wrong :
       {"2016-02-30", "2016-13-01", "2016-1-1", "2016-12-06T", "2016-12-06T25:00", "2016-12-06 08",
        "2016-12-06T08:60", "2016-12-06T08:30:60", "2016-12-06T08:30:15.", "20161206", "2016-12-06Z",
        "2016-12-06T08:30:00+5", "2016-12-06T08:30:00 ", "2016-12-06T08:30+05:", "10000-01-01"}) {
    EXPECT_EQ(timestamp(wrong), "no") << wrong;
  }
}

TEST(CsvValue, TheWholeRangeOfTimestampsReadsBack) {
  for (const int64_t value :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), int64_t{0}, int64_t{-1},
        int64_t{-62167219200000001}, int64_t{253402300800000000}}) {
    std::string text;
    append_timestamp(text, value);
    int64_t back = 1;
    EXPECT_TRUE(parse_timestamp(text, {}, back)) << text;
    EXPECT_EQ(back, value) << text;
  }
  EXPECT_EQ(timestamp("+294247-01-10T04:00:54.775808Z"), "no");
  EXPECT_EQ(timestamp("-290308-12-21T19:59:05.224191Z"), "no");
}

TEST(CsvValue, TimestampFormats) {
  EXPECT_EQ(timestamp("06/12/2016 08:30:15", {"%d/%m/%Y %H:%M:%S"}), "2016-12-06T08:30:15Z");
  EXPECT_EQ(timestamp("Dec 6, 16 12:05 AM", {"%b %d, %y %I:%M %p"}), "2016-12-06T00:05:00Z");
  EXPECT_EQ(timestamp("6 december 2016 1:05 pm", {"%d %B %Y %I:%M %p"}), "2016-12-06T13:05:00Z");
  EXPECT_EQ(timestamp("2016-341", {"%Y-%j"}), "2016-12-06T00:00:00Z");
  EXPECT_EQ(timestamp("1480976999.25", {"%s"}), "2016-12-05T22:29:59.25Z");
  EXPECT_EQ(timestamp("20161206T0830+0100", {"x", "%Y%m%dT%H%M%z"}), "2016-12-06T07:30:00Z");
  EXPECT_EQ(timestamp("31/02/2016", {"%d/%m/%Y"}), "no");
  EXPECT_EQ(timestamp("06/12/2016x", {"%d/%m/%Y"}), "no");
  EXPECT_EQ(timestamp("0/12/2016", {"%d/%m/%Y"}), "no");
}

TEST(CsvValue, NumbersAtTheEdges) {
  double real = 0;
  EXPECT_TRUE(parse_real("1e-400", real));
  EXPECT_EQ(real, 0.0);
  EXPECT_TRUE(parse_real("-0.0000001e-330", real));
  EXPECT_TRUE(std::signbit(real));
  EXPECT_TRUE(parse_real("0e999999999999999999999", real));
  EXPECT_EQ(real, 0.0);
  EXPECT_TRUE(parse_real("1e-99999999999999999999", real));
  EXPECT_FALSE(parse_real("1e99999999999999999999", real));
  EXPECT_FALSE(parse_real("1.8e308", real));
  EXPECT_FALSE(parse_real("0.00001e314", real));
  EXPECT_FALSE(parse_real(std::string("1") + std::string(400, '0'), real));
  EXPECT_TRUE(parse_real(std::string("1") + std::string(400, '0') + "e-400", real));
  EXPECT_EQ(real, 1.0);
  EXPECT_TRUE(parse_forced_real("+0012.5", real));
  EXPECT_EQ(real, 12.5);
  EXPECT_FALSE(parse_forced_real("+-1", real));
  EXPECT_FALSE(parse_forced_real("", real));
  int64_t integer = 0;
  EXPECT_TRUE(parse_forced_integer("-007", integer));
  EXPECT_EQ(integer, -7);
  EXPECT_TRUE(parse_forced_integer("-0", integer));
  EXPECT_FALSE(parse_forced_integer("9223372036854775808", integer));
  EXPECT_FALSE(parse_forced_integer("+", integer));
}

}  // namespace
}  // namespace crisp
