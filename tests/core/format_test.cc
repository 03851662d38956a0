#include "core/format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace crisp {
namespace {

TEST(Format, KeepsFewDigits) {
  EXPECT_EQ(format_number(0.84372), "0.844");
  EXPECT_EQ(format_number(0.5), "0.5");
  EXPECT_EQ(format_number(12345.6), "12,346");
  EXPECT_EQ(format_number(-1234567), "-1,234,567");
  EXPECT_EQ(format_number(999.96, 4), "1,000");
  EXPECT_EQ(format_number(1.2e-7), "1.2e-7");
  EXPECT_EQ(format_number(3e20), "3e20");
  EXPECT_EQ(format_number(0), "0");
}

TEST(Format, NamesWhatIsNotANumber) {
  EXPECT_EQ(format_number(std::nan("")), "–");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity()), "∞");
  EXPECT_EQ(format_fixed(-std::numeric_limits<double>::infinity(), 2), "-∞");
  EXPECT_EQ(format_percent(std::nan("")), "–");
  EXPECT_EQ(format_number(std::numeric_limits<double>::max()), "1.8e308");
  EXPECT_EQ(format_number(5e-324), "4.94e-324");
}

TEST(Format, FixedDecimalsLineUp) {
  EXPECT_EQ(format_fixed(0.5, 3), "0.500");
  EXPECT_EQ(format_fixed(-0.0001, 2), "0.00") << "no negative zero";
  EXPECT_EQ(format_percent(0.8704), "87.0 %");
  EXPECT_EQ(format_count(177840), "177,840");
  EXPECT_EQ(format_count(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Format, UnitsFit) {
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1048575), "1.0 MiB");
  EXPECT_EQ(format_bytes(20 << 20), "20.0 MiB");
  EXPECT_EQ(format_seconds(0.0042), "4.2 ms");
  EXPECT_EQ(format_seconds(200), "3 min 20 s");
  EXPECT_EQ(format_seconds(3599.9), "1 h 0 min");
  EXPECT_EQ(format_seconds(7500), "2 h 5 min");
}

TEST(Format, ReadsBackWhatWasShown) {
  EXPECT_EQ(displayed_value("12,346"), 12346);
  EXPECT_EQ(displayed_value("87.0 %"), 87);
  EXPECT_EQ(displayed_value("-1.5e-7"), -1.5e-7);
  EXPECT_EQ(displayed_value("4.2 s"), 4.2);
  EXPECT_EQ(displayed_value("936 km/h"), 936);
  for (const char* text : {"", "x", "12 Main Street", "2025-12-06", "10:30", "-", "1.2.3", "3 min 20 s"})
    EXPECT_FALSE(displayed_value(text)) << text;
}

TEST(Format, CountsWithTheirNoun) {
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(0, "row"), "0 rows");
  EXPECT_EQ(counted(12000, "row"), "12,000 rows");
}

TEST(Format, Rates) {
  EXPECT_EQ(format_short(950), "950");
  EXPECT_EQ(format_short(0.25), "0.25");
  EXPECT_EQ(format_short(12345), "12.3 k");
  EXPECT_EQ(format_short(1.25e6), "1.25 M");
  EXPECT_EQ(format_short(999.9), "1.00 k");
}

}  // namespace
}  // namespace crisp
