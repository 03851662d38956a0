#include "train/windows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/expect_error.h"

namespace crisp {
namespace {

/// Two series whose rows stand mixed: a at 1 2 3 4 5 6, b at 10 20 30.
Table mixed() {
  return Table()
      .with_numbers("time", {3, 10, 1, 2, 20, 5, 4, 30, 6})
      .with_texts("name", {"a", "b", "a", "a", "b", "a", "a", "b", "a"})
      .with_numbers("value", {30, 100, 10, 20, 200, 50, 40, 300, 60});
}

ForecastPlan plan_of(int64_t lookback, int64_t horizon) { return {horizon, lookback, 1, "time", "name"}; }

std::vector<double> in_order(const Table& table, const SeriesOrder& order) {
  std::vector<double> out;
  for (const int64_t row : order.rows) out.push_back(table.numbers("value")[static_cast<size_t>(row)]);
  return out;
}

TEST(Windows, PutsEachSeriesInTheOrderOfTime) {
  const SeriesOrder order = order_series(mixed(), plan_of(2, 1));
  EXPECT_EQ(in_order(mixed(), order), (std::vector<double>{10, 20, 30, 40, 50, 60, 100, 200, 300}));
  EXPECT_EQ(order.begins, (std::vector<int64_t>{0, 6, 9}));
  EXPECT_EQ(order.longest(), 6);
}

TEST(Windows, NeverReachFromOneSeriesIntoAnother) {
  const SeriesOrder order = order_series(mixed(), plan_of(2, 1));
  EXPECT_EQ(whole_windows(order, 2), (std::vector<int64_t>{0, 1, 2, 3, 4, 6, 7}));
  EXPECT_EQ(whole_windows(order, 4), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_TRUE(whole_windows(order, 7).empty());
  const std::vector<double> values = in_order(mixed(), order);
  EXPECT_EQ(answered_windows(order, plan_of(2, 1), values), (std::vector<int64_t>{0, 1, 2, 3, 6}));
  EXPECT_EQ(answered_windows(order, plan_of(2, 4), values), (std::vector<int64_t>{0}));
}

TEST(Windows, LeaveOutWhatTouchesAMissingAnswer) {
  const SeriesOrder order = order_series(mixed(), plan_of(1, 2));
  std::vector<double> values = in_order(mixed(), order);
  values[3] = NAN;
  // Answers (20 30), (50 60) and of b (200 300) are whole; the missing value itself may stand in a window.
  EXPECT_EQ(answered_windows(order, plan_of(1, 2), values), (std::vector<int64_t>{0, 3, 6}));
  const std::vector<int64_t> first{0, 4, 6};
  const std::vector<double> answers = answers_of(order, plan_of(1, 2), values, first);
  EXPECT_EQ(std::vector<double>(answers.begin(), answers.begin() + 3), (std::vector<double>{20, 30, 60}));
  EXPECT_TRUE(std::isnan(answers[3])) << "beyond the end of the series: " << answers[3];
  EXPECT_EQ(answers[5], 300);
}

TEST(Windows, OverlapWhereTheyFollowEachOtherAndAreCopiedElsewhere) {
  Matrix rows(5, 3);
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 3; ++j) rows.view().at(i, j) = static_cast<float>(10 * i + j);
  }
  const WindowRows windows(rows, {4, 3, 2, 1, 0}, 2);  // the other way round
  Matrix copies;
  const std::vector<int64_t> neighbours{1, 2, 3}, apart{0, 3};
  const MatrixView<const float> near = windows.take(neighbours, copies);
  EXPECT_EQ(copies.rows(), 0);
  EXPECT_EQ(near.ld, 3);
  const MatrixView<const float> far = windows.take(apart, copies);
  EXPECT_EQ(copies.rows(), 2);
  for (int64_t k = 0; k < 6; ++k) {
    const auto expected = [&](int64_t first) { return static_cast<float>(10 * (4 - first - k / 3) + k % 3); };
    EXPECT_EQ(near.at(0, k), expected(1));
    EXPECT_EQ(near.at(2, k), expected(3));
    EXPECT_EQ(far.at(0, k), expected(0));
    EXPECT_EQ(far.at(1, k), expected(3));
  }
}

TEST(Windows, RefuseTimesThatDoNotOrder) {
  const ForecastPlan plan = plan_of(2, 1);
  ForecastPlan alone = plan;
  alone.group = "";
  EXPECT_ERROR(order_series(Table().with_numbers("time", {7, 7}), alone), Code::data, "rows 1 and 2 have the same time");
  EXPECT_ERROR(order_series(Table().with_numbers("time", {7, 7}), alone), Code::data, "--group");
  EXPECT_ERROR(order_series(Table().with_numbers("time", {7, NAN}), alone), Code::data, "1 row without a time");
  EXPECT_ERROR(order_series(Table().with_texts("time", {"x", "y"}), alone), Code::data, "texts");
}

TEST(Windows, SeasonFollowsFromTheStep) {
  EXPECT_EQ(usual_season(3600), 24);
  EXPECT_EQ(usual_season(1800), 48);
  EXPECT_EQ(usual_season(86400), 7);
  EXPECT_EQ(usual_season(7 * 86400), 52);
  EXPECT_EQ(usual_season(31 * 86400), 12);
  EXPECT_EQ(usual_season(1), 1);
  EXPECT_EQ(usual_season(5000), 1);
  EXPECT_EQ(usual_lookback(24, 6), 48);
  EXPECT_EQ(usual_lookback(1, 3), 16);
  EXPECT_EQ(usual_lookback(1'000'000, 3), 512);
}

TEST(Windows, CountGapsBesideTheUsualStep) {
  const Table table = Table().with_numbers("time", {0, 60, 120, 180, 600, 660});
  ForecastPlan plan = plan_of(2, 1);
  plan.group = "";
  const TimeStep step = time_step(table, "time", order_series(table, plan));
  EXPECT_EQ(step.usual, 60);
  EXPECT_EQ(step.gaps, 1);
}

TEST(Windows, PlanIsReadAsWrittenAndNothingElse) {
  const ForecastPlan plan{24, 48, 24, "when", ""};
  EXPECT_EQ(ForecastPlan::from_json(plan.to_json()).to_json(), plan.to_json());
  for (const auto& [key, value] : {std::pair{"horizon", 0}, {"lookback", -1}, {"lookback", 1 << 20}, {"season", 0}}) {
    Json bent = plan.to_json();
    bent[key] = value;
    EXPECT_ERROR(ForecastPlan::from_json(bent), Code::data, key);
  }
}

}  // namespace
}  // namespace crisp
