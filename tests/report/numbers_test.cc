#include "report/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace crisp::report {
namespace {

TEST(Numbers, KeepsFewDigits) {
  EXPECT_EQ(number(0.84372), "0.844");
  EXPECT_EQ(number(0.5), "0.5");
  EXPECT_EQ(number(12345.6), "12,346");
  EXPECT_EQ(number(-1234567), "-1,234,567");
  EXPECT_EQ(number(999.96, 4), "1,000");
  EXPECT_EQ(number(1.2e-7), "1.2e-7");
  EXPECT_EQ(number(3e20), "3e20");
  EXPECT_EQ(number(0), "0");
}

TEST(Numbers, NamesWhatIsNotANumber) {
  EXPECT_EQ(number(std::nan("")), "–");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "∞");
  EXPECT_EQ(fixed(-std::numeric_limits<double>::infinity(), 2), "-∞");
  EXPECT_EQ(percent(std::nan("")), "–");
  EXPECT_EQ(number(std::numeric_limits<double>::max()), "1.8e308");
  EXPECT_EQ(number(5e-324), "4.94e-324");
}

TEST(Numbers, FixedDecimalsLineUp) {
  EXPECT_EQ(fixed(0.5, 3), "0.500");
  EXPECT_EQ(fixed(-0.0001, 2), "0.00") << "no negative zero";
  EXPECT_EQ(percent(0.8704), "87.0 %");
  EXPECT_EQ(count(177840), "177,840");
  EXPECT_EQ(count(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Numbers, UnitsFit) {
  EXPECT_EQ(bytes(463000), "463 KB");
  EXPECT_EQ(bytes(999.9e3), "1 MB");
  EXPECT_EQ(duration(0.0042), "4.2 ms");
  EXPECT_EQ(duration(200), "3 min 20 s");
  EXPECT_EQ(duration(3599.9), "1 h 0 min");
  EXPECT_EQ(duration(7500), "2 h 5 min");
}

TEST(Numbers, ReadsBackWhatWasShown) {
  EXPECT_EQ(displayed_value("12,346"), 12346);
  EXPECT_EQ(displayed_value("87.0 %"), 87);
  EXPECT_EQ(displayed_value("-1.5e-7"), -1.5e-7);
  EXPECT_EQ(displayed_value("4.2 s"), 4.2);
  EXPECT_EQ(displayed_value("936 km/h"), 936);
  for (const char* text : {"", "x", "12 Main Street", "2025-12-06", "10:30", "-", "1.2.3", "3 min 20 s"})
    EXPECT_FALSE(displayed_value(text)) << text;
}

}  // namespace
}  // namespace crisp::report
