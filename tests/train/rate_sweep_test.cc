#include "train/rate_sweep.h"

#include <cmath>

#include <gtest/gtest.h>

namespace crisp {
namespace {

/// A loss that is flat, falls around `middle`, and rises beyond `end`: what nets do.
double usual_loss(double rate, double middle, double end) {
  const double fallen = 1 / (1 + std::exp(-2 * std::log(rate / middle)));
  return 1 - 0.7 * fallen + std::pow(rate / end, 2);
}

RateSweep sweep_of(double middle, double end) {
  RateSweep sweep;
  while (!sweep.finished()) sweep.observe(usual_loss(sweep.rate(), middle, end));
  return sweep;
}

TEST(RateSweep, RatesRiseByAConstantFactor) {
  RateSweep sweep;
  double before = sweep.rate();
  EXPECT_DOUBLE_EQ(before, RateSweep::kLowest);
  int64_t steps = 0;
  for (; !sweep.finished(); ++steps) {
    sweep.observe(1);
    if (steps + 1 == RateSweep::kSteps) break;
    EXPECT_NEAR(sweep.rate() / before, std::pow(1e8, 1.0 / 99), 1e-9);
    before = sweep.rate();
  }
  EXPECT_EQ(steps + 1, RateSweep::kSteps);
  EXPECT_NEAR(before, RateSweep::kHighest, 1e-9);
}

TEST(RateSweep, SuggestsWhereTheLossFallsMostSteeply) {
  const double early = sweep_of(1e-4, 1).suggestion(), late = sweep_of(1e-2, 1).suggestion();
  // The mean lags behind the losses, and so does where it falls most.
  EXPECT_GT(early, 1e-4);
  EXPECT_LT(early, 1e-2);
  EXPECT_GT(late, 1e-2);
  EXPECT_LT(late, 1);
}

TEST(RateSweep, SmoothsAsTheFormulaSays) {
  RateSweep sweep;
  sweep.observe(2);
  sweep.observe(1);
  const Json curve = sweep.to_json()["curve"];
  EXPECT_DOUBLE_EQ(curve[0]["smoothed"].get<double>(), 2);
  EXPECT_NEAR(curve[1]["smoothed"].get<double>(), (0.98 * 0.02 * 2 + 0.02 * 1) / (1 - 0.98 * 0.98), 1e-12);
}

TEST(RateSweep, EndsWhereTheLossIsNoNumberOrFarAboveTheLeast) {
  RateSweep wild;
  wild.observe(1);
  wild.observe(NAN);
  EXPECT_TRUE(wild.finished());
  RateSweep rising;
  for (int i = 0; i < 5; ++i) rising.observe(1);
  EXPECT_FALSE(rising.finished());
  rising.observe(1000);
  EXPECT_TRUE(rising.finished());
  EXPECT_TRUE(rising.to_json()["suggestion"].is_null());
}

}  // namespace
}  // namespace crisp
