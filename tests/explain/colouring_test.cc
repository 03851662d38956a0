/// What the dots of a dependence chart are coloured by.
#include "explain/colouring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace crisp {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// x, a partner that turns x's effect around, and one that follows x and says nothing beside it.
Explanation crossed(double turn) {
  Explanation explanation;
  std::vector<double> x, partner, shadow, effect;
  for (int i = 0; i < 400; ++i) {
    x.push_back(i % 20), partner.push_back(i / 20 % 2), shadow.push_back(i % 20 + 0.5);
    effect.push_back(x.back() + turn * (partner.back() - 0.5) * x.back() + 0.01 * std::sin(i * 12.9));
  }
  explanation.table = Table().with_numbers("x", x).with_numbers("shadow", shadow).with_numbers("partner", partner).with_texts("text", std::vector<std::string>(400, "t"));
  for (const char* name : {"x", "shadow", "partner", "text"}) explanation.columns.push_back({.column = {name, {0}}});
  ShapleyValues shapley;
  shapley.columns = 4;
  shapley.margin.resize(400);
  for (const double value : effect) shapley.values.insert(shapley.values.end(), {value, 0, 0, 0});
  explanation.shapley = shapley;
  return explanation;
}

Colouring partner_of_x(const Explanation& explanation) {
  return strongest_partner(explanation, 0, value_groups(explanation.table.numbers("x")));
}

TEST(Colouring, FindsWhatTurnsAnEffectAround) {
  const Colouring found = partner_of_x(crossed(2));
  EXPECT_EQ(found.name, "partner");
  EXPECT_EQ(found.shades[0], 0);
  EXPECT_EQ(found.shades[20], 1);
}

TEST(Colouring, HasNoneWhereNothingDoes) {
  EXPECT_EQ(partner_of_x(crossed(0)).name, "");
}

TEST(Colouring, GoesFromTheFifthToTheNinetyFifthPercentile) {
  std::vector<double> values(101);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  values[100] = 1e9;
  values.push_back(kNan);
  const Colouring found = colouring_of("x", values);
  EXPECT_EQ(found.shades[0], 0);
  EXPECT_EQ(found.shades[100], 1);
  EXPECT_DOUBLE_EQ(found.shades[50], 0.5);
  EXPECT_TRUE(std::isnan(found.shades[101]));
  EXPECT_EQ(colouring_of("x", {3, 3, kNan}).name, "") << "one value has no low and high";
}

TEST(Colouring, RareValuesAreNotLost) {
  std::vector<double> values(100);
  values[7] = 5;
  EXPECT_EQ(colouring_of("x", values).shades[7], 1);
  EXPECT_EQ(colouring_of("x", values).shades[0], 0);
}

TEST(Colouring, GroupsHoldAsManyRows) {
  std::vector<double> values(200);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::exp(static_cast<double>(i) / 10);
  values.push_back(kNan);
  const std::vector<size_t> groups = value_groups(values);
  for (size_t group = 0; group < 20; ++group) EXPECT_EQ(std::count(groups.begin(), groups.end(), group), 10) << group;
  EXPECT_EQ(groups.back(), 20u);
}

}  // namespace
}  // namespace crisp
