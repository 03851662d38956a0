#include "evaluate/regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evaluate/normal_quantile.h"
#include "evaluate/prediction_metric.h"
#include "tests/core/expect_error.h"
#include "tests/evaluate/golden_predictions.h"

namespace crisp {
namespace {

void expect_close(double value, double golden, const std::string& what) {
  EXPECT_NEAR(value, golden, 1e-9 * std::max(1.0, std::abs(golden))) << what;
}

TEST(Regression, FiguresEqualScikitLearn) {
  const std::vector<Json> cases = golden_cases("numbers.json");
  ASSERT_EQ(cases.size(), 4u);
  for (const Json& golden : cases) {
    const RegressionFigures figures = PreparedRegression(NumberRows::of(golden).view()).figures();
    EXPECT_EQ(golden["figures"].size(), metrics_of(Task::regression, 0).size());
    for (const PredictionMetric* metric : metrics_of(Task::regression, 0)) {
      expect_close(figures.*metric->of_numbers, golden["figures"][metric->name].get<double>(),
                   concat(golden["name"].get<std::string>(), " ", metric->name));
    }
  }
}

TEST(Regression, CountingARowTwiceIsHavingItTwice) {
  const NumberRows rows = NumberRows::of(golden_cases("numbers.json")[0]);
  NumberRows more;
  std::vector<uint32_t> counts;
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    counts.push_back(i % 3);
    more.truth.insert(more.truth.end(), counts[i], rows.truth[i]);
    more.predicted.insert(more.predicted.end(), counts[i], rows.predicted[i]);
  }
  const RegressionFigures counted = PreparedRegression(rows.view()).figures(counts);
  const RegressionFigures repeated = PreparedRegression(more.view()).figures();
  for (const PredictionMetric* metric : metrics_of(Task::regression, 0))
    expect_close(counted.*metric->of_numbers, repeated.*metric->of_numbers, metric->name);
}

TEST(Regression, EqualTruthsHaveNoVarianceToExplain) {
  const NumberRows rows{{0.1, 0.1, 0.1}, {0.2, 0.1, 0.1}};
  EXPECT_TRUE(std::isnan(PreparedRegression(rows.view()).figures().r2));
  const NumberRows one{{5}, {4}};
  const RegressionFigures figures = PreparedRegression(one.view()).figures();
  EXPECT_TRUE(std::isnan(figures.r2));
  EXPECT_EQ(figures.median_absolute_error, 1);
  EXPECT_EQ(figures.mean_error, -1);
}

TEST(Regression, AResampleOfOneRowHasNoVarianceEither) {
  const NumberRows rows{{0.1, 0.7, 12.3, 5}, {0.2, 0.1, 0.1, 4}};
  const PreparedRegression prepared(rows.view());
  for (size_t row = 0; row < 4; ++row) {
    for (uint32_t count = 1; count < 50; ++count) {
      std::vector<uint32_t> counts(4);
      counts[row] = count;
      EXPECT_TRUE(std::isnan(prepared.figures(counts).r2)) << row << " " << count;
    }
  }
}

TEST(Regression, WhatIsNoPredictionIsRefusedWithItsRow) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> numbers{1, 2}, broken{1, nan}, endless{infinity, 1};
  EXPECT_ERROR(require_number_predictions({{}, {}}), Code::data, "no rows to judge");
  EXPECT_ERROR(require_number_predictions({numbers, broken}), Code::data, "row 2: the prediction is nan");
  EXPECT_ERROR(require_number_predictions({endless, numbers}), Code::data, "row 1: the true value is inf");
}

TEST(NormalQuantiles, EqualScipy) {
  for (const Json& golden : golden_cases("numbers.json")) {
    const NumberRows rows = NumberRows::of(golden);
    std::vector<double> errors;
    for (size_t i = 0; i < rows.truth.size(); ++i) errors.push_back(rows.predicted[i] - rows.truth[i]);
    const auto points = normal_quantile_points(errors);
    ASSERT_EQ(points.size(), errors.size());
    for (size_t i = 0; i < points.size(); ++i) {
      EXPECT_NEAR(points[i].normal, golden["quantiles"][0][i].get<double>(), 1e-9);
      EXPECT_NEAR(points[i].value, golden["quantiles"][1][i].get<double>(), 1e-9);
    }
  }
}

TEST(NormalQuantiles, AreTheInverseOfTheDistribution) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_quantile(1e-300), -37.0470962993612, 1e-12);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-16);
  EXPECT_EQ(normal_quantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(normal_quantile(1), std::numeric_limits<double>::infinity());
}

TEST(NormalQuantiles, ManyValuesKeepTheirTails) {
  std::vector<double> values;
  for (int i = 0; i < 100'000; ++i) values.push_back(i);
  const auto points = normal_quantile_points(values, 200);
  EXPECT_LE(points.size(), 201u);
  EXPECT_GT(points.size(), 150u);
  EXPECT_EQ(points.front().value, 0);
  EXPECT_EQ(points[1].value, 1);
  EXPECT_EQ(points.back().value, 99'999);
  for (size_t i = 1; i < points.size(); ++i) EXPECT_GT(points[i].normal, points[i - 1].normal);
  EXPECT_TRUE(normal_quantile_points({}).empty());
  EXPECT_EQ(normal_quantile_points(std::vector<double>{3}).size(), 1u);
}

}  // namespace
}  // namespace crisp
