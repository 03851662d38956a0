#include "table/float_cuts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cuda/random.h"

namespace crisp {
namespace {

constexpr double kDouble = std::numeric_limits<double>::max();
constexpr float kFloat = std::numeric_limits<float>::max();

/// x <= t[k] exactly where narrow(x) <= c[k], for every k; and what is given is a float.
void expect_same_sides(const FloatCuts& cuts, double x) {
  const double narrowed = cuts.narrow(x);
  EXPECT_EQ(narrowed, static_cast<double>(static_cast<float>(narrowed))) << x;
  for (size_t k = 0; k < cuts.floats().size(); ++k) {
    ASSERT_EQ(x <= cuts.thresholds()[k], narrowed <= static_cast<double>(cuts.floats()[k])) << x << " at " << cuts.thresholds()[k];
  }
}

void expect_same_sides(std::vector<double> thresholds) {
  const FloatCuts cuts(std::move(thresholds));
  for (size_t k = 1; k < cuts.floats().size(); ++k) ASSERT_LT(cuts.floats()[k - 1], cuts.floats()[k]);
  for (const float cut : cuts.floats()) ASSERT_TRUE(std::isfinite(cut));
  for (const double threshold : cuts.thresholds()) {
    for (const double x : {threshold, std::nextafter(threshold, kDouble), std::nextafter(threshold, -kDouble), threshold * (1 + 1e-9), threshold * (1 - 1e-9)}) {
      if (std::isfinite(x)) expect_same_sides(cuts, x);
    }
  }
  for (const double x : {0.0, -0.0, 1e-300, -1e-300, 1.0, -1.0, 1e300, -1e300, kDouble, -kDouble}) expect_same_sides(cuts, x);
}

TEST(FloatCuts, KeepEveryNumberOnItsSide) {
  expect_same_sides({});
  expect_same_sides({0.1});
  expect_same_sides({0.5, -0.5, 801.50000000000011, 1.0000000180025095e-35, -1.0000000180025095e-35, 0});
  expect_same_sides({1e300, -1e300, kDouble, -kDouble, 3.4028234663852886e38, 3.5e38});
  expect_same_sides({1e-310, 2e-310, 3e-310, -1e-46, 1e-46});
}

/// Seconds since 1970, each a threshold: floats are 128 apart there.
TEST(FloatCuts, MakeRoomWhereThresholdsAreCloserThanFloats) {
  std::vector<double> seconds;
  for (int i = 0; i < 500; ++i) seconds.push_back(1'600'000'000.5 + i);
  expect_same_sides(seconds);
}

TEST(FloatCuts, OfRandomThresholdsAndNumbers) {
  std::vector<double> thresholds;
  for (uint64_t i = 0; i < 3000; ++i) thresholds.push_back(100 + 1e-3 * random_uniform(1, 0, i));
  expect_same_sides(thresholds);
  const FloatCuts cuts(thresholds);
  for (uint64_t i = 0; i < 3000; ++i) expect_same_sides(cuts, 100 + 1e-3 * random_uniform(1, 1, i));
}

TEST(FloatCuts, LeaveFloatsAloneWhereTheyMay) {
  const FloatCuts cuts({0.1, 37.500000000000007, 1e9 + 0.5});
  for (const float x : {-1.0f, 0.0f, 0.25f, 37.5f, 38.0f, 1e9f, kFloat, -kFloat}) EXPECT_EQ(cuts.narrow(static_cast<double>(x)), static_cast<double>(x));
  EXPECT_EQ(cuts.floats()[1], 37.5f);
  EXPECT_EQ(cuts.of(37.500000000000007), 37.5f);
}

TEST(FloatCuts, LeaveWhatIsNotFinite) {
  const FloatCuts cuts({1});
  EXPECT_TRUE(std::isnan(cuts.narrow(NAN)));
  EXPECT_EQ(cuts.narrow(INFINITY), static_cast<double>(INFINITY));
}

}  // namespace
}  // namespace crisp
