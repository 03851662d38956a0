#include "cuda/exact_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cuda/random.h"

namespace crisp {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Distance in units in the last place of the true value.
double ulps(double got, long double wanted) {
  const double rounded = std::fabs(static_cast<double>(wanted));
  const long double ulp = std::nextafter(rounded, kInfinity) - rounded;
  return static_cast<double>(std::fabs((got - wanted) / ulp));
}

/// Any positive finite double, by its bits.
double any_positive(uint64_t index) { return double_from_bits(random_below(1, 0, index, exact::kInfinityBits - 1) + 1); }

TEST(ExactMath, LogarithmsOverAllMagnitudes) {
  for (uint64_t i = 0; i < 300000; ++i) {
    const double x = any_positive(i);
    ASSERT_LT(ulps(exact_log(x), logl(x)), 1.0) << x;
    ASSERT_LT(ulps(exact_log2(x), log2l(x)), 1.0) << x;
  }
}

TEST(ExactMath, LogarithmsNearOne) {
  for (uint64_t i = 0; i < 300000; ++i) {
    const double x = 0.5 + 1.5 * random_uniform(2, 0, i);
    ASSERT_LT(ulps(exact_log(x), logl(x)), 1.0) << x;
    ASSERT_LT(ulps(exact_log2(x), log2l(x)), 1.0) << x;
    const double near = 1 + (random_uniform(2, 1, i) - 0.5) * 1e-8;
    ASSERT_LT(ulps(exact_log(near), logl(near)), 1.0) << near;
    ASSERT_LT(ulps(exact_log2(near), log2l(near)), 1.0) << near;
  }
}

TEST(ExactMath, ExponentialOverAllMagnitudes) {
  for (uint64_t i = 0; i < 300000; ++i) {
    const double wide = (random_uniform(3, 0, i) - 0.5) * 1400, narrow = random_uniform(3, 1, i) - 0.5;
    ASSERT_LT(ulps(exact_exp(wide), expl(wide)), 1.0) << wide;
    ASSERT_LT(ulps(exact_exp(narrow), expl(narrow)), 1.0) << narrow;
  }
  for (double x = -745; x < -708; x += 0.01) EXPECT_LE(ulps(exact_exp(x), expl(x)), 1.0) << x;  // subnormal
}

TEST(ExactMath, SmallArgumentsKeepTheirDigits) {
  for (uint64_t i = 0; i < 300000; ++i) {
    const double size = std::ldexp(1.0, -static_cast<int>(i % 60));
    const double x = (2 * random_uniform(4, 0, i) - 1) * size, wide = (random_uniform(4, 1, i) - 0.5) * 1400;
    const double positive = any_positive(i);
    ASSERT_LT(ulps(exact_log1p(x), log1pl(x)), 2.0) << x;
    ASSERT_LT(ulps(exact_log1p(positive), log1pl(positive)), 2.0) << positive;
    ASSERT_LT(ulps(exact_expm1(x), expm1l(x)), 2.0) << x;
    ASSERT_LT(ulps(exact_expm1(wide), expm1l(wide)), 2.0) << wide;
  }
  EXPECT_TRUE(std::signbit(exact_expm1(-0.0)) && std::signbit(exact_log1p(-0.0)));
  EXPECT_EQ(exact_expm1(-1e9), -1);
  EXPECT_EQ(exact_expm1(1e9), kInfinity);
  EXPECT_EQ(exact_log1p(-1), -kInfinity);
  EXPECT_EQ(exact_log1p(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(exact_log1p(-1.5)) && std::isnan(exact_log1p(kNan)) && std::isnan(exact_expm1(kNan)));
}

TEST(ExactMath, PowersOfTwoAreExact) {
  for (int k = -1074; k < 1024; ++k) EXPECT_EQ(exact_log2(std::ldexp(1.0, k)), k);
}

TEST(ExactMath, SpecialValues) {
  for (const auto log : {exact_log, exact_log2}) {
    EXPECT_EQ(log(1), 0);
    EXPECT_EQ(log(0), -kInfinity);
    EXPECT_EQ(log(-0.0), -kInfinity);
    EXPECT_EQ(log(kInfinity), kInfinity);
    for (const double x : {-1.0, -kInfinity, kNan}) EXPECT_TRUE(std::isnan(log(x))) << x;
  }
  EXPECT_EQ(exact_exp(0), 1);
  EXPECT_EQ(exact_exp(-0.0), 1);
  EXPECT_EQ(exact_exp(kInfinity), kInfinity);
  EXPECT_EQ(exact_exp(-kInfinity), 0);
  EXPECT_EQ(exact_exp(710), kInfinity);
  EXPECT_EQ(exact_exp(-746), 0);
  EXPECT_TRUE(std::isnan(exact_exp(kNan)));
}

// The same bits on every machine: fixed here once.
TEST(ExactMath, BitsDoNotDependOnTheMachine) {
  uint64_t hash = 0;
  for (uint64_t i = 0; i < 100000; ++i) {
    const double x = any_positive(i), y = (random_uniform(3, 0, i) - 0.5) * 1400;
    for (const double value : {exact_log(x), exact_log2(x), exact_exp(y)}) {
      hash = hash * 1099511628211u ^ double_bits(value);
    }
  }
  EXPECT_EQ(hash, 3398244911086446814u);
}

}  // namespace
}  // namespace crisp
