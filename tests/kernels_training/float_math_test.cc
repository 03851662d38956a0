#include "kernels/training/float_math_row.h"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/training/activation_row.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

class Functions : public ::testing::Test {
 protected:
  const std::vector<GoldenRow> golden_ = golden_rows("training/kernels.csv");
  const std::vector<double>& of(const std::string& name, const std::string& kind) { return golden_row(golden_, name, kind).values; }

  /// |mine - expected| <= relative * |expected| + absolute.
  template <class Function>
  void expect_near(const std::string& inputs, const std::string& name, const std::string& kind, double relative, double absolute,
                   const Function& function) {
    const std::vector<double>&x = of(inputs, "x"), &expected = of(name, kind);
    ASSERT_EQ(x.size(), expected.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double mine = function(static_cast<float>(x[i]));
      EXPECT_NEAR(mine, expected[i], relative * std::abs(expected[i]) + absolute) << name << "(" << x[i] << ")";
    }
  }
};

TEST_F(Functions, EqualNumpy) {
  expect_near("functions", "function exp", "y", 3e-7, 1e-37, float_exp);
  expect_near("functions", "function sigmoid", "y", 3e-7, 1e-37, float_sigmoid);
  expect_near("functions", "function tanh", "y", 3e-7, 0, float_tanh);
  // 1 + exp(-|x|) rounds, so small results are absolutely, not relatively, right.
  expect_near("functions", "function softplus", "y", 3e-7, 6e-8, float_softplus);
  expect_near("log", "log", "y", 3e-7, 3e-8, float_log);
}

/// Every float of a stride, against the same in double.
TEST_F(Functions, HoldOverAllFloats) {
  for (uint32_t bits = 0x00800000; bits < 0x7f800000; bits += 7919) {
    const float size = float_from_bits(bits);
    for (const float x : {size, -size}) {
      const double wide = x;
      const bool inside = size < 87.3f;
      ASSERT_NEAR(inside ? float_exp(x) / std::exp(wide) : 1, 1, 3e-7) << x;
      ASSERT_NEAR(inside ? float_sigmoid(x) * (1 + std::exp(-wide)) : 1, 1, 3e-7) << x;
      ASSERT_NEAR(float_tanh(x), std::tanh(wide), 3e-7 * std::abs(std::tanh(wide))) << x;
    }
    ASSERT_NEAR(float_log(size), std::log(static_cast<double>(size)), 3e-7 * std::abs(std::log(static_cast<double>(size)))) << size;
  }
}

TEST_F(Functions, EndWhereFloatsEnd) {
  for (const float far : {88.5f, 1e30f, std::numeric_limits<float>::max(), kInfinity}) {
    EXPECT_EQ(float_exp(far), kInfinity) << far;
    EXPECT_EQ(float_exp(-far), 0) << far;
    EXPECT_EQ(float_sigmoid(far), 1) << far;
    EXPECT_EQ(float_sigmoid(-far), 0) << far;
    EXPECT_EQ(float_tanh(far), 1) << far;
    EXPECT_EQ(float_tanh(-far), -1) << far;
    EXPECT_EQ(float_softplus(far), far);
    EXPECT_EQ(float_softplus(-far), 0) << far;
  }
  for (const float near : {0.0f, kSmallest, -kSmallest, 1e-30f}) {
    EXPECT_EQ(float_exp(near), 1) << near;
    EXPECT_EQ(float_sigmoid(near), 0.5f) << near;
    EXPECT_EQ(float_tanh(near), near) << near;
  }
  EXPECT_TRUE(std::isnan(float_exp(NAN)));
  EXPECT_TRUE(std::isnan(float_sigmoid(NAN)));
  EXPECT_TRUE(std::isnan(float_tanh(NAN)));
  EXPECT_TRUE(std::isnan(float_exp(-NAN)));
}

TEST_F(Functions, ActivationsEqualPyTorch) {
  const char* names[] = {"identity", "relu", "leaky_relu", "silu", "gelu", "tanh"};
  for (int i = 0; i < 6; ++i) {
    for_activation(static_cast<Activation>(i), [&]<Activation kind>() {
      expect_near("activations", names[i], "y", 3e-7, 3e-7, activated<kind>);
      expect_near("activations", names[i], "slope", 3e-7, 6e-7, slope<kind>);
    });
  }
}

TEST_F(Functions, ActivationsOfHugeValuesStayFinite) {
  for (int i = 0; i < 6; ++i) {
    for_activation(static_cast<Activation>(i), [&]<Activation kind>() {
      for (const float x : {1e30f, -1e30f, 3e38f, -3e38f, 100.0f, -100.0f}) {
        EXPECT_TRUE(std::isfinite(activated<kind>(x))) << i << " at " << x;
        EXPECT_TRUE(std::isfinite(slope<kind>(x))) << i << " at " << x;
      }
    });
  }
}

}  // namespace
}  // namespace crisp
