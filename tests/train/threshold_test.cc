#include "train/threshold.h"

#include <gtest/gtest.h>

#include "cuda/error.h"

namespace crisp {
namespace {

const std::vector<double> kScores{4, 1, 3, 2, 10};

TEST(Threshold, MeanPlusThreeSampleDeviations) {
  // numpy: x.mean() + 3 * x.std(ddof=1)
  EXPECT_NEAR(ThresholdRule::parse("mean_std", 3).fit(kScores), 14.60660171779821, 1e-12);
}

TEST(Threshold, QuantileAndContaminationAreMirrors) {
  EXPECT_NEAR(ThresholdRule::parse("quantile", 0.9).fit(kScores), 7.6, 1e-12);  // numpy.quantile(x, 0.9)
  EXPECT_NEAR(ThresholdRule::parse("contamination", 0.1).fit(kScores), 7.6, 1e-12);
  EXPECT_EQ(quantile(kScores, 0), 1);
  EXPECT_EQ(quantile(kScores, 1), 10);
}

TEST(Threshold, OneScoreHasNoSpread) { EXPECT_EQ(ThresholdRule::parse("mean_std", 3).fit(std::vector{2.0}), 2.0); }

TEST(Threshold, RefusesWhatIsNotOne) {
  for (const auto& [method, k] : {std::pair{"quantile", 1.5}, {"contamination", -0.1}, {"mean", 3.0}}) {
    try {
      ThresholdRule::parse(method, k);
      FAIL() << method;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config) << method;
    }
  }
}

TEST(Threshold, SurvivesJson) {
  const ThresholdRule rule = ThresholdRule::parse("contamination", 0.05);
  EXPECT_EQ(ThresholdRule::from_json(rule.to_json()).fit(kScores), rule.fit(kScores));
  EXPECT_THROW(ThresholdRule::from_json(Json::array()), Error);
}

}  // namespace
}  // namespace crisp
