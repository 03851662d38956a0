// Rows' words: the same on every engine.
#include "kernels/histogram/gradient.h"
#include "tests/engine.h"
#include "tests/kernels_histogram/binned_sample.h"

namespace crisp {
namespace {

class Gradients : public EngineTest {};
CRISP_TEST_ENGINES(Gradients);

struct Words {
  RoundScale scale;
  std::vector<uint8_t> records;
};

Words words_of(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output) {
  BinnedSample sample(static_cast<int64_t>(rows.target.size()), {2, 5, 9});
  Words words;
  words.scale = round_scale(exec, plan, rows, output);
  write_gradients(exec, plan, rows, output, words.scale, 99, 1'000'000'007, sample.view());
  words.records = sample.records;
  return words;
}

TEST_P(Gradients, AreTheSameWords) {
  for (const Objective objective : {Objective::squared, Objective::absolute, Objective::huber, Objective::quantile, Objective::poisson,
                                    Objective::logistic, Objective::softmax}) {
    const bool classes = objective == Objective::logistic || objective == Objective::softmax;
    const int64_t outputs = objective == Objective::softmax ? 3 : 1;
    for (const int64_t count : {1, 255, 700}) {
      std::vector<float> target, weights, scores;
      for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
        target.push_back(classes ? static_cast<float>(random_below(1, 0, i, static_cast<uint64_t>(std::max<int64_t>(2, outputs))))
                                 : static_cast<float>(9 * random_uniform(1, 0, i)));
        weights.push_back(i % 17 == 0 ? 0 : static_cast<float>(3 * random_uniform(1, 1, i)));
        for (uint64_t k = 0; k < static_cast<uint64_t>(outputs); ++k) scores.push_back(static_cast<float>(8 * random_uniform(2, k, i) - 4));
      }
      std::vector<float> shares(scores.size()), want_shares = shares;
      const MatrixView<const float> view{scores.data(), count, outputs, outputs};
      shares_of_classes(exec(), view, {shares.data(), count, outputs, outputs});
      shares_of_classes(cpu(), view, {want_shares.data(), count, outputs, outputs});
      EXPECT_EQ(shares, want_shares);
      const ObjectivePlan plan{objective, 0.8, 2.5, outputs};
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << "objective " << static_cast<int>(objective) << ", " << count << " rows, weighted " << weighted);
        const GradientRows rows{target, weighted ? std::span<const float>(weights) : std::span<const float>(),
                                outputs > 1 ? MatrixView<const float>{shares.data(), count, outputs, outputs} : view};
        const Words got = words_of(exec(), plan, rows, outputs - 1), want = words_of(cpu(), plan, rows, outputs - 1);
        EXPECT_EQ(got.scale.g, want.scale.g);
        EXPECT_EQ(got.scale.h, want.scale.h);
        EXPECT_EQ(got.records, want.records);
      }
    }
  }
}

}  // namespace
}  // namespace crisp
