#include "evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/json_number.h"

namespace crisp {
namespace {

Json golden() {
  std::ifstream file(CRISP_TEST_DATA "/metrics/golden.json");
  return Json::parse(file);
}

TEST(Metrics, EqualScikitLearn) {
  const Json cases = golden();
  ASSERT_EQ(cases.size(), 3u);
  for (const Json& c : cases) {
    const auto truth = c["truth"].get<std::vector<uint8_t>>();
    const auto predicted = c["predicted"].get<std::vector<uint8_t>>();
    const auto scores = c["scores"].get<std::vector<double>>();
    const Confusion counts = confusion(truth, predicted);
    EXPECT_NEAR(roc_auc(truth, scores), c["roc_auc"].get<double>(), 1e-12);
    EXPECT_NEAR(average_precision(truth, scores), c["average_precision"].get<double>(), 1e-12);
    EXPECT_NEAR(counts.accuracy(), c["accuracy"].get<double>(), 1e-12);
    EXPECT_NEAR(counts.balanced_accuracy(), c["balanced_accuracy"].get<double>(), 1e-12);
    EXPECT_NEAR(counts.precision(), c["precision"].get<double>(), 1e-12);
    EXPECT_NEAR(counts.recall(), c["recall"].get<double>(), 1e-12);
    EXPECT_NEAR(counts.f1(), c["f1"].get<double>(), 1e-12);
  }
}

TEST(Metrics, AlwaysNegativeIsTheShareOfNegatives) {
  const Confusion counts = confusion(std::vector<uint8_t>{0, 0, 0, 1}, std::vector<uint8_t>{1, 1, 0, 1});
  EXPECT_DOUBLE_EQ(counts.always_negative_accuracy(), 0.75);
  EXPECT_DOUBLE_EQ(counts.accuracy(), 0.5);
}

TEST(Metrics, UndefinedFiguresAreNotNumbers) {
  const std::vector<uint8_t> none{0, 0};
  EXPECT_TRUE(std::isnan(roc_auc(none, std::vector<double>{1, 2})));
  EXPECT_TRUE(std::isnan(confusion(none, none).recall()));
  EXPECT_TRUE(std::isnan(roc_auc({}, {})));
  EXPECT_TRUE(number_or_null(roc_auc({}, {})).is_null());
}

TEST(Metrics, RocCurveRunsFromCornerToCorner) {
  const std::vector<uint8_t> truth{0, 1, 0, 1, 1, 0};
  const std::vector<double> scores{1, 2, 3, 4, 5, 6};
  const auto points = roc_curve(truth, scores);
  EXPECT_EQ(points.front().false_positive_rate, 0);
  EXPECT_EQ(points.back().true_positive_rate, 1);
  EXPECT_EQ(points.back().false_positive_rate, 1);
  EXPECT_EQ(roc_curve(truth, scores, 3).size(), 3u);
}

TEST(Metrics, SlicesKeepEveryRow) {
  const std::vector<std::string> who{"a", "b", "a", "c", "b", "a"};
  const std::vector<uint8_t> truth{0, 1, 1, 0, 0, 0}, predicted{0, 1, 0, 1, 0, 0};
  const auto all = slice_by(who, truth, predicted);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].value, "a");
  EXPECT_EQ(all[0].counts.false_negative, 1);
  const auto two = slice_by(who, truth, predicted, 1);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].value, "a");
  EXPECT_EQ(two[1].value, "(others)");
  EXPECT_EQ(two[0].counts.rows() + two[1].counts.rows(), 6);
}

}  // namespace
}  // namespace crisp
