#include "evaluate/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evaluate/prediction_metric.h"
#include "tests/core/expect_error.h"
#include "tests/evaluate/golden_predictions.h"

namespace crisp {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void expect_figures(const ClassificationFigures& figures, const Json& golden) {
  size_t given = 0;
  for (const PredictionMetric& metric : prediction_metrics()) {
    if (!metric.of_classes) continue;
    const double value = figures.*metric.of_classes;
    if (golden["figures"].contains(metric.name)) {
      EXPECT_NEAR(value, golden["figures"][metric.name].get<double>(), 1e-9)
          << golden["name"] << " " << metric.name;
      ++given;
    } else {
      EXPECT_TRUE(std::isnan(value)) << golden["name"] << " " << metric.name;
    }
  }
  EXPECT_EQ(given, golden["figures"].size());
}

TEST(Classification, FiguresEqualScikitLearn) {
  Exec exec;
  const std::vector<Json> cases = golden_cases("classes.json");
  ASSERT_EQ(cases.size(), 7u);
  for (const Json& golden : cases) {
    const ClassRows rows = ClassRows::of(golden);
    const Classification judged = judge_classification(exec, rows.view());
    expect_figures(judged.figures, golden);
    expect_figures(RankedPredictions(rows.view()).figures(), golden);
    EXPECT_EQ(judged.confusion.to_json(), golden["confusion"]);
  }
}

TEST(Classification, CountingARowTwiceIsHavingItTwice) {
  const ClassRows rows = ClassRows::of(golden_cases("classes.json")[3]);
  ClassRows more{{}, {}, rows.names};
  std::vector<uint32_t> counts;
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    counts.push_back(i % 3);
    for (uint32_t copy = 0; copy < counts[i]; ++copy) {
      more.truth.push_back(rows.truth[i]);
      for (size_t k = 0; k < rows.names.size(); ++k)
        more.probabilities.push_back(rows.probabilities[i * rows.names.size() + k]);
    }
  }
  const ClassificationFigures counted = RankedPredictions(rows.view()).figures(counts);
  const ClassificationFigures repeated = RankedPredictions(more.view()).figures();
  for (const PredictionMetric* metric : metrics_of(Task::classification, 3))
    EXPECT_NEAR(counted.*metric->of_classes, repeated.*metric->of_classes, 1e-12) << metric->name;
}

TEST(Classification, EachClassEqualsScikitLearn) {
  Exec exec;
  for (const Json& golden : golden_cases("classes.json")) {
    const ConfusionMatrix matrix = judge_classification(exec, ClassRows::of(golden).view()).confusion;
    const Json& each = golden["per_class"];
    for (int64_t k = 0; k < matrix.classes(); ++k) {
      const Confusion counts = matrix.one_against_rest(k);
      // scikit-learn writes 0 where a figure is not defined.
      const auto or_zero = [](double value) { return std::isnan(value) ? 0 : value; };
      const auto at = static_cast<size_t>(k);
      EXPECT_NEAR(or_zero(counts.precision()), each[0][at].get<double>(), 1e-9);
      EXPECT_NEAR(or_zero(counts.recall()), each[1][at].get<double>(), 1e-9);
      EXPECT_NEAR(or_zero(counts.f1()), each[2][at].get<double>(), 1e-9);
      EXPECT_EQ(counts.positives(), each[3][at].get<int64_t>());
    }
  }
}

TEST(Classification, CalibrationCurvesEqualScikitLearn) {
  Exec exec;
  for (const Json& golden : golden_cases("classes.json")) {
    for (const BinRule rule : {BinRule::uniform, BinRule::quantile}) {
      const auto bins =
          judge_classification(exec, ClassRows::of(golden).view(), {.calibration_rule = rule}).calibration;
      const Json& curve = golden["calibration"][rule == BinRule::uniform ? "uniform" : "quantile"];
      ASSERT_EQ(bins.size(), curve[0].size()) << golden["name"];
      for (size_t i = 0; i < bins.size(); ++i) {
        EXPECT_NEAR(bins[i].actual, curve[0][i].get<double>(), 1e-9);
        EXPECT_NEAR(bins[i].predicted, curve[1][i].get<double>(), 1e-9);
      }
    }
  }
}

TEST(Classification, CurvesEqualScikitLearn) {
  Exec exec;
  for (const Json& golden : golden_cases("classes.json")) {
    const auto classes = judge_classification(exec, ClassRows::of(golden).view()).classes;
    const ClassCurves& last = classes.back();
    ASSERT_EQ(last.roc.size(), golden["roc"][0].size()) << golden["name"];
    for (size_t i = 0; i < last.roc.size(); ++i) {
      EXPECT_NEAR(last.roc[i].false_positive_rate, golden["roc"][0][i].get<double>(), 1e-9);
      EXPECT_NEAR(last.roc[i].true_positive_rate, golden["roc"][1][i].get<double>(), 1e-9);
    }
    ASSERT_EQ(last.precision_recall.size(), golden["precision_recall"][0].size()) << golden["name"];
    for (size_t i = 0; i < last.precision_recall.size(); ++i) {
      EXPECT_NEAR(last.precision_recall[i].recall, golden["precision_recall"][0][i].get<double>(), 1e-9);
      EXPECT_NEAR(last.precision_recall[i].precision, golden["precision_recall"][1][i].get<double>(), 1e-9);
      if (i == 0) continue;  // scikit-learn has no cutoff where nothing is found
      EXPECT_EQ(last.precision_recall[i].cutoff, golden["precision_recall"][2][i - 1].get<double>());
    }
  }
}

TEST(Classification, OnlyTheLargestClassesHaveCurves) {
  Exec exec;
  const ClassRows rows = ClassRows::of(golden_cases("classes.json")[4]);
  const auto classes = judge_classification(exec, rows.view(), {.curves = 2}).classes;
  ASSERT_EQ(classes.size(), 4u);
  EXPECT_FALSE(classes[0].roc.empty());
  EXPECT_TRUE(classes[1].roc.empty());
  EXPECT_TRUE(std::isnan(classes[1].roc_auc));
  EXPECT_FALSE(classes[2].roc.empty());
  EXPECT_TRUE(classes[3].roc.empty());
}

TEST(Classification, OneClassOnlyLeavesFiguresUndefined) {
  const ClassRows rows{{1, 1, 1}, {0.2, 0.8, 0.6, 0.4, 0.1, 0.9}, {"no", "yes"}};
  Exec exec;
  const ClassificationFigures figures = judge_classification(exec, rows.view()).figures;
  EXPECT_NEAR(figures.accuracy, 2.0 / 3, 1e-15);
  for (const double undefined : {figures.roc_auc, figures.mcc, figures.average_precision,
                                 figures.balanced_accuracy, figures.specificity})
    EXPECT_TRUE(std::isnan(undefined));
  EXPECT_TRUE(std::isfinite(figures.log_loss));
}

TEST(Classification, AnswerThatIsAlwaysTheSameHasNoCorrelation) {
  ConfusionMatrix matrix(2);
  matrix.add(0, 0, 5);
  matrix.add(1, 0, 3);
  EXPECT_EQ(matrix.matthews_correlation(), 0);
  EXPECT_EQ(matrix.majority_accuracy(), 0.625);
}

TEST(Classification, WhatIsNoPredictionIsRefusedWithItsRow) {
  Exec exec;
  const auto judge = [&](const ClassRows& rows) { return judge_classification(exec, rows.view()); };
  const std::vector<std::string> names{"no", "yes"};
  EXPECT_ERROR(judge({{}, {}, names}), Code::data, "no rows to judge");
  EXPECT_ERROR(judge({{0, 1}, {0.5, 0.5, kNan, 0.5}, names}), Code::data,
               "row 2: the predicted probability of 'no' is nan");
  EXPECT_ERROR(judge({{0}, {-0.1, 1.1}, names}), Code::data, "'no' is -0.1, expected 0 to 1");
  EXPECT_ERROR(judge({{0}, {0.3, 0.3}, names}), Code::data,
               "row 1: the predicted probabilities add up to 0.6");
  EXPECT_ERROR(judge({{0, 2}, {0.5, 0.5, 0.5, 0.5}, names}), Code::data,
               "row 2: its true class 2 is none of the 2 classes");
  EXPECT_NO_THROW(judge({{0}, {0.4999, 0.5}, names}));
}

}  // namespace
}  // namespace crisp
