#include "evaluate/prediction_evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cuda/random.h"
#include "evaluate/criterion.h"
#include "tests/core/expect_error.h"
#include "tests/evaluate/golden_predictions.h"

namespace crisp {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double normal(uint64_t stream, int64_t i) {
  return normal_quantile(random_uniform(1, stream, static_cast<uint64_t>(i)) + 0x1p-54);
}

NumberRows numbers(int64_t rows) {
  NumberRows made;
  for (int64_t i = 0; i < rows; ++i) {
    made.truth.push_back(3 * normal(0, i));
    made.predicted.push_back(made.truth.back() + normal(1, i));
  }
  return made;
}

ClassRows two_classes(int64_t rows) {
  ClassRows made{{}, {}, {"no", "yes"}};
  for (int64_t i = 0; i < rows; ++i) {
    made.truth.push_back(i % 3 == 0);
    const double yes = 1 / (1 + std::exp(-normal(2, i) - (i % 3 == 0 ? 1 : -1)));
    made.probabilities.insert(made.probabilities.end(), {1 - yes, yes});
  }
  return made;
}

TEST(PredictionEvaluation, NamesEveryFigureInTheDocument) {
  Exec exec;
  const ClassRows rows = ClassRows::of(golden_cases("classes.json")[0]);
  const PredictionEvaluation evaluation = evaluate_classes(exec, rows.view());
  const Json json = evaluation.to_json();
  EXPECT_EQ(json["task"], "classification");
  EXPECT_EQ(json["rows"], 120);
  const Json figures = golden_cases("classes.json")[0]["figures"];
  for (const auto& [name, value] : figures.items()) {
    EXPECT_NEAR(json[name].get<double>(), value.get<double>(), 1e-9) << name;
    EXPECT_LE(json["intervals"][name][0], json[name]) << name;
    EXPECT_GE(json["intervals"][name][1], json[name]) << name;
  }
  EXPECT_FALSE(json.contains("roc_auc_weighted"));
  EXPECT_EQ(json["classes"].size(), 2u);
  EXPECT_EQ(json["classes"][1]["precision"], json["precision"]);
  EXPECT_TRUE(evaluation.notes.empty());
}

TEST(PredictionEvaluation, IntervalsAreThoseOfStatistics) {
  Exec exec;
  const PredictionEvaluation evaluation =
      evaluate_classes(exec, two_classes(3000).view(), {.intervals = {.resamples = 2000}});
  const MetricResult& accuracy = *evaluation.find("accuracy");
  const double spread = 1.96 * std::sqrt(accuracy.value * (1 - accuracy.value) / 3000);
  EXPECT_NEAR(accuracy.interval.low, accuracy.value - spread, 0.1 * spread);
  EXPECT_NEAR(accuracy.interval.high, accuracy.value + spread, 0.1 * spread);
  const PredictionEvaluation regression =
      evaluate_numbers(exec, numbers(3000).view(), {.intervals = {.resamples = 2000}});
  const MetricResult& bias = *regression.find("mean_error");
  EXPECT_NEAR(bias.interval.high - bias.interval.low, 2 * 1.96 / std::sqrt(3000),
              0.1 * 1.96 / std::sqrt(3000));
  EXPECT_TRUE(std::isnan(regression.find("max_error")->interval.low));
}

TEST(PredictionEvaluation, SampledIntervalsHaveTheWidthOfAllRows) {
  Exec exec;
  const ClassRows rows = two_classes(20'000);
  const auto all = evaluate_classes(exec, rows.view(), {.intervals = {.resamples = 1000}});
  const auto some =
      evaluate_classes(exec, rows.view(), {.intervals = {.resamples = 1000, .most_rows = 4000}});
  for (const char* metric : {"accuracy", "roc_auc", "log_loss", "average_precision"}) {
    const MetricResult &wanted = *all.find(metric), &given = *some.find(metric);
    EXPECT_EQ(given.value, wanted.value);
    const double width = wanted.interval.high - wanted.interval.low;
    EXPECT_NEAR(given.interval.low, wanted.interval.low, 0.15 * width) << metric;
    EXPECT_NEAR(given.interval.high, wanted.interval.high, 0.15 * width) << metric;
  }
  EXPECT_EQ(some.to_json()["resampling"]["rows"], 4000);
}

TEST(PredictionEvaluation, IsTheSameForEveryNumberOfThreads) {
  Exec one(Device::cpu(), 1), four(Device::cpu(), 4);
  const ClassRows rows = ClassRows::of(golden_cases("classes.json")[2]);
  EXPECT_EQ(evaluate_classes(one, rows.view()).to_json(), evaluate_classes(four, rows.view()).to_json());
  EXPECT_EQ(evaluate_numbers(one, numbers(500).view()).to_json(),
            evaluate_numbers(four, numbers(500).view()).to_json());
}

TEST(PredictionEvaluation, RowsWithoutTruthAreLeftOutAndCounted) {
  Exec exec;
  ClassRows rows = two_classes(60);
  const PredictionEvaluation whole = evaluate_classes(exec, rows.view());
  rows.truth.push_back(-1);
  rows.probabilities.insert(rows.probabilities.end(), {0.5, 0.5});
  const PredictionEvaluation more = evaluate_classes(exec, rows.view());
  EXPECT_EQ(more.rows, 60);
  EXPECT_EQ(more.find("log_loss")->value, whole.find("log_loss")->value);
  EXPECT_EQ(more.notes, std::vector<std::string>{"1 row without a true value left out"});
  NumberRows figures{{1, kNan, 3, 4}, {1, 2, 3, 5}};
  EXPECT_EQ(evaluate_numbers(exec, figures.view()).find("mae")->value, 1.0 / 3);
}

TEST(PredictionEvaluation, WhatIsNotDefinedIsNullAndSaysWhy) {
  Exec exec;
  const PredictionEvaluation one_class =
      evaluate_classes(exec, ClassRows{{1, 1, 1}, {0.2, 0.8, 0.6, 0.4, 0.1, 0.9}, {"no", "yes"}}.view());
  EXPECT_TRUE(one_class.to_json()["roc_auc"].is_null());
  EXPECT_TRUE(one_class.to_json()["intervals"]["roc_auc"][0].is_null());
  EXPECT_NE(one_class.notes[1].find("one class only, 'yes'"), std::string::npos) << one_class.notes[1];
  const PredictionEvaluation absent =
      evaluate_classes(exec, ClassRows::of(golden_cases("classes.json")[4]).view());
  EXPECT_NE(absent.notes[0].find("not in the truth: 'class 1'"), std::string::npos);
  const PredictionEvaluation constant = evaluate_numbers(exec, NumberRows{{0, 0}, {1, 2}}.view());
  EXPECT_TRUE(constant.to_json()["r2"].is_null());
  EXPECT_EQ(constant.notes[1], "all true values are equal: r2 is not defined");
  EXPECT_NE(constant.notes[2].find("2 rows of 2 is 0"), std::string::npos);
}

TEST(PredictionEvaluation, RowsThatCannotBeJudgedAreRefused) {
  Exec exec;
  EXPECT_ERROR(evaluate_classes(exec, ClassRows{{}, {}, {"a", "b"}}.view()), Code::data, "no rows");
  EXPECT_ERROR(evaluate_classes(exec, ClassRows{{-1}, {0.5, 0.5}, {"a", "b"}}.view()), Code::data, "no rows");
  EXPECT_ERROR(evaluate_numbers(exec, NumberRows{{kNan}, {1}}.view()), Code::data, "no rows");
  EXPECT_ERROR(evaluate_numbers(exec, NumberRows{{1}, {kNan}}.view()), Code::data, "prediction is nan");
}

TEST(PredictionEvaluation, OneRowHasFiguresAndNoIntervals) {
  Exec exec;
  const PredictionEvaluation evaluation = evaluate_numbers(exec, NumberRows{{2}, {3}}.view());
  EXPECT_EQ(evaluation.find("mae")->value, 1);
  EXPECT_TRUE(std::isnan(evaluation.find("mae")->interval.low));
}

TEST(Bootstrap, SamplesOneRowOfEachStretch) {
  const std::vector<int64_t> all = bootstrap_rows(5, {.most_rows = 5}),
                             some = bootstrap_rows(1000, {.most_rows = 10});
  EXPECT_EQ(all, (std::vector<int64_t>{0, 1, 2, 3, 4}));
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(some[static_cast<size_t>(i)] / 100, i);
}

TEST(Bootstrap, AResampleHasAsManyRowsAsThereAre) {
  int64_t resamples = 0;
  Exec one(Device::cpu(), 1);
  bootstrap_intervals(one, {.resamples = 7}, 50, 50, std::vector<double>{0}, [&](RowCounts counts) {
    int64_t rows = 0;
    for (const uint32_t count : counts) rows += count;
    EXPECT_EQ(rows, 50);
    ++resamples;
    return std::vector<double>{0};
  });
  EXPECT_EQ(resamples, 7);
}

TEST(Bootstrap, ResamplesWithoutAFigureDoNotCount) {
  Exec one(Device::cpu(), 1);
  int64_t call = 0;
  const std::vector<double> whole{1, 1, kNan};
  const auto intervals = bootstrap_intervals(one, {.resamples = 10}, 3, 3, whole, [&](RowCounts) {
    ++call;
    return std::vector<double>{call % 3 == 0 ? kNan : 1, call % 3 == 0 ? 1 : kNan, 1};
  });
  EXPECT_EQ(intervals[0].low, 1);
  EXPECT_TRUE(std::isnan(intervals[1].low));
  EXPECT_TRUE(std::isnan(intervals[2].low));
}

TEST(PredictionMetrics, AreKnownByTheirNames) {
  EXPECT_EQ(find_prediction_metric("f1_macro").better, Better::higher);
  EXPECT_EQ(find_prediction_metric("rmse").better, Better::lower);
  for (const auto& [other, own] : {std::pair{"auc", "roc_auc"}, {"aucpr", "average_precision"}, {"mlogloss", "log_loss"}, {"l1", "mae"}}) {
    EXPECT_EQ(&find_prediction_metric(other), &find_prediction_metric(own)) << other;
  }
  EXPECT_EQ(Criterion::parse("auc >= 0.8").metric, "roc_auc");
  EXPECT_ERROR(find_prediction_metric("f1_marco"), Code::usage, "did you mean 'f1_macro'?");
  EXPECT_ERROR(find_prediction_metric("beauty"), Code::usage, "the metrics are accuracy, ");
}

TEST(Criterion, BoundsErrorsFromAbove) {
  const Criterion criterion = Criterion::parse("rmse <= 3");
  EXPECT_TRUE(criterion.at_most);
  EXPECT_EQ(criterion.complaint(2.5), "");
  EXPECT_EQ(criterion.complaint(3.5), "rmse is 3.5, wanted at most 3");
  EXPECT_EQ(criterion.complaint(kNan), "rmse is not defined, wanted at most 3");
  EXPECT_TRUE(Criterion::of("log_loss", 0.5).at_most);
  EXPECT_FALSE(Criterion::of("accuracy", 0.5).at_most);
  EXPECT_FALSE(Criterion::parse("mean_error>=-1").at_most);
  EXPECT_TRUE(Criterion::parse("mean_error<=1").at_most);
  EXPECT_ERROR(Criterion::parse("rmse>=3"), Code::usage, "did you mean rmse<=3?");
  EXPECT_ERROR(Criterion::parse("roc_auc<=0.5"), Code::usage, "roc_auc is better when it is higher");
}

TEST(Criterion, JudgesAPrediction) {
  Exec exec;
  const PredictionEvaluation evaluation = evaluate_numbers(exec, NumberRows{{1, 2}, {1, 4}}.view());
  EXPECT_EQ(Criterion::parse("mae<=1").complaint(evaluation), "");
  EXPECT_EQ(Criterion::parse("mae<=0.5").complaint(evaluation), "mae is 1, wanted at most 0.5");
  EXPECT_EQ(Criterion::parse("roc_auc>=0.5").complaint(evaluation), "roc_auc is no figure of a regression");
}

}  // namespace
}  // namespace crisp
