#include "evaluate/evaluation.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"

namespace crisp {
namespace {

Evaluation half_right() {
  Evaluation evaluation;
  evaluation.counts = {.true_positive = 1, .false_positive = 1, .true_negative = 3, .false_negative = 1};
  evaluation.roc_auc = 0.75;
  evaluation.average_precision = 0.5;
  return evaluation;
}

TEST(Evaluation, EveryMetricStandsInTheDocumentByItsName) {
  const Json json = half_right().to_json();
  for (const Metric& metric : all_metrics()) EXPECT_EQ(json[metric.name], metric.value(half_right())) << metric.name;
  EXPECT_EQ(json["recall"], 0.5);
  EXPECT_EQ(json["specificity"], 0.75);
  EXPECT_EQ(json["rows"], 6);
}

const LabelPlan kBoth{"who", "other", "own"};

Table people() { return Table().with_texts("who", {"own", "", "other", "odd", "  ", "own"}); }

TEST(Labels, ABlankOneAndOneOfNeitherKindSayNothing) {
  const Labels labels = read_labels(people(), kBoth);
  const Label n = Label::normal, a = Label::anomaly, none = Label::none;
  EXPECT_EQ(labels.rows, (std::vector<Label>{n, none, a, none, none, n}));
  EXPECT_EQ(labels.blank, 2);
  EXPECT_EQ(labels.neither, (std::map<std::string, int64_t>{{"odd", 1}}));
  EXPECT_EQ(labels.notes(kBoth).size(), 2u);
}

TEST(Labels, NumbersAreComparedAsNumbersAndTruthHasTwoSpellings) {
  const Label n = Label::normal, a = Label::anomaly;
  const LabelPlan one{"who", "1", "0"};
  EXPECT_EQ(read_labels(Table().with_numbers("who", {1.0, 0.0}), one).rows, (std::vector<Label>{a, n}));
  EXPECT_EQ(read_labels(Table().with_texts("who", {"1.0", "00"}), one).rows, (std::vector<Label>{a, n}));
  EXPECT_EQ(read_labels(Table().with_booleans("who", {1, 0}), one).rows, (std::vector<Label>{a, n}));
  EXPECT_EQ(read_labels(Table().with_booleans("who", {1, 0}), {"who", "true", ""}).rows, (std::vector<Label>{a, n}));
  EXPECT_EQ(read_labels(Table().with_texts("who", {"1e0x"}), one).neither.size(), 1u);
}

TEST(Labels, OnlyTheLabelledRowsCount) {
  const std::vector<double> scores{1, 9, 5, 9, 9, 2};
  const std::vector<uint8_t> predicted{0, 1, 1, 1, 1, 1};
  const Evaluation evaluation = evaluate_labels(read_labels(people(), kBoth), kBoth, scores, predicted);
  EXPECT_EQ(evaluation.counts.rows(), 3);
  EXPECT_EQ(evaluation.counts.true_positive, 1);
  EXPECT_EQ(evaluation.counts.false_positive, 1);
  EXPECT_EQ(evaluation.roc_auc, 1.0);
  EXPECT_EQ(evaluation.to_json()["rows_without_label"], 3);
}

TEST(Labels, OneClassOnlyGivesNoAreaAndSaysWhy) {
  const Table rows = Table().with_texts("who", {"own", "own", ""});
  const std::vector<double> scores{1, 2, 3};
  const Evaluation evaluation = evaluate_labels(read_labels(rows, kBoth), kBoth, scores, std::vector<uint8_t>(3));
  EXPECT_TRUE(evaluation.to_json()["roc_auc"].is_null());
  EXPECT_EQ(evaluation.counts.accuracy(), 1.0);
  EXPECT_NE(evaluation.notes.back().find("no row has the anomaly 'other'"), std::string::npos);
}

TEST(Criterion, KnowsEveryFigureOfADetector) {
  for (const std::string& name : metric_names()) {
    const std::string complaint = Criterion::of(name, 0.5).complaint(half_right());
    EXPECT_EQ(complaint.find("is no figure"), std::string::npos) << complaint;
  }
}

TEST(Criterion, ReadsWhatIsAskedAndNamesWhatIsWrong) {
  const Criterion criterion = Criterion::parse("roc_auc>=0.8");
  EXPECT_EQ(criterion.metric, "roc_auc");
  EXPECT_EQ(criterion.bound, 0.8);
  EXPECT_EQ(Criterion::parse(" roc_auc >= 0.8 ").metric, "roc_auc");
  EXPECT_ERROR(Criterion::parse("roc_auc=0.8"), Code::usage, "METRIC>=VALUE");
  EXPECT_ERROR(Criterion::parse("roc_auc>=0.8x"), Code::usage, "'0.8x' is not a number");
  EXPECT_ERROR(Criterion::parse("roc_auc>="), Code::usage, "is not a number");
  EXPECT_ERROR(Criterion::parse("beauty>=1"), Code::usage, "no metric 'beauty'");
}

TEST(Criterion, ComplainsWhereAFigureIsTooSmallOrUndefined) {
  EXPECT_EQ((Criterion{"roc_auc", 0.75}.complaint(half_right())), "");
  EXPECT_EQ((Criterion{"roc_auc", 0.8}.complaint(half_right())), "roc_auc is 0.75, wanted at least 0.8");
  EXPECT_EQ((Criterion{"recall", 0}.complaint(Evaluation())), "recall is not defined, wanted at least 0");
  EXPECT_EQ((Criterion{"rmse", 1, true}.complaint(Evaluation())), "rmse is no figure of an anomaly detector");
}

}  // namespace
}  // namespace crisp
