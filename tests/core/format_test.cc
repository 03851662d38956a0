#include "core/format.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/terminal.h"

namespace crisp {
namespace {

TEST(Format, Counts) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_count(177840), "177,840");
  EXPECT_EQ(format_count(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Format, Numbers) {
  EXPECT_EQ(format_number(0.8347, 2), "0.83");
  EXPECT_EQ(format_number(1234567.5, 1), "1,234,567.5");
  EXPECT_EQ(format_number(-0.001, 2), "0.00");
  EXPECT_EQ(format_number(-999, 0), "-999");
  EXPECT_EQ(format_number(std::numeric_limits<double>::quiet_NaN(), 2), "n/a");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity(), 2), "-inf");
  EXPECT_EQ(format_number(1e308, 0).size(), 309u + 102u);
  EXPECT_EQ(format_percent(0.8712), "87.1 %");
}

TEST(Format, Seconds) {
  EXPECT_EQ(format_seconds(0.00085), "850 us");
  EXPECT_EQ(format_seconds(0.012), "12 ms");
  EXPECT_EQ(format_seconds(0.9999), "1.0 s");
  EXPECT_EQ(format_seconds(3.21), "3.2 s");
  EXPECT_EQ(format_seconds(59.99), "1 min 00 s");
  EXPECT_EQ(format_seconds(245), "4 min 05 s");
  EXPECT_EQ(format_seconds(7620), "2 h 07 min");
  EXPECT_EQ(format_seconds(1e300 * 1e300), "n/a");
}

TEST(Format, Bytes) {
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1048575), "1.0 MiB");
  EXPECT_EQ(format_bytes(int64_t{2} << 30), "2.0 GiB");
}

TEST(Format, Rates) {
  EXPECT_EQ(format_short(950), "950");
  EXPECT_EQ(format_short(0.25), "0.25");
  EXPECT_EQ(format_short(12345), "12.3 k");
  EXPECT_EQ(format_short(1.25e6), "1.25 M");
  EXPECT_EQ(format_short(999.9), "1.00 k");
}

TEST(Printable, ShowsControlCharactersInsteadOfObeyingThem) {
  EXPECT_EQ(printable("a\n\x1b[31mé\x7f\t"), "a\\n\\x1b[31mé\\x7f\\t");
}

}  // namespace
}  // namespace crisp
