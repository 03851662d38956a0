// Boosting is the same boosting wherever its rows lie: words, trees and scores, round after round.
#include "kernels/histogram/boosted_rows.h"

#include <limits>
#include <numeric>

#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class Boosted : public EngineTest {};
CRISP_TEST_ENGINES(Boosted);

/// Numbers, some missing, and columns of few codes; targets that depend on them.
struct Table {
  static constexpr int64_t kColumns = 6;
  std::vector<float> values, target, weights;
  std::vector<int32_t> categories{0, 0, 9, 0, 0, 4};

  Table(int64_t rows, int64_t classes, uint64_t seed) {
    for (uint64_t i = 0; i < static_cast<uint64_t>(rows); ++i) {
      const auto draw = [&](uint64_t stream) { return random_uniform(seed, stream, i); };
      const bool missing = draw(0) < 0.1;
      const auto kind = static_cast<float>(random_below(seed, 5, i, 9));
      const auto a = static_cast<float>(2 * draw(1)), b = static_cast<float>(draw(2));
      const float nan = std::numeric_limits<float>::quiet_NaN();
      const bool unknown = draw(7) < 0.1, sure = draw(8) < 0.4;
      const auto place = static_cast<float>(random_below(seed, 9, i, 4));
      values.insert(values.end(), {a, missing ? nan : b, kind, static_cast<float>(draw(3)), unknown ? nan : sure ? 1.0f : 0.0f, place});
      const double sum = a * a + (missing ? 2 : b) + (kind == 2 || kind == 5 ? 1.5 : 0) + (unknown ? 0.4 : sure ? 0.8 : 0) * (place == 1 ? 0.2 : 1) + 0.2 * draw(4);
      target.push_back(classes == 0 ? static_cast<float>(sum) : static_cast<float>(std::min<int64_t>(classes - 1, static_cast<int64_t>(sum))));
      weights.push_back(static_cast<float>(0.5 + draw(6)));
    }
  }
  MatrixView<const float> view() const { return {values.data(), static_cast<int64_t>(target.size()), kColumns, kColumns}; }
};

struct Case {
  ObjectivePlan objective;
  double share;
  bool weighted;
};

struct Boosting {
  std::vector<float> scores, other_scores, some;
  std::vector<double> gains;
  std::vector<int32_t> columns;
  bool operator==(const Boosting&) const = default;
};

Boosting boost(Exec& exec, const Case& of, const Table& table, const Table& other, bool shared) {
  Exec host(Device::cpu(), 2);
  const ArrayView<const int32_t> categories{table.categories.data(), Table::kColumns};
  const Bins bins = fit_bins(host, table.view(), categories, 64);
  const int64_t outputs = of.objective.objective == Objective::softmax ? of.objective.classes : 1;
  const std::span<const float> weights = of.weighted ? std::span<const float>(table.weights) : std::span<const float>();
  const RecordLayout layout = shared ? shared_layout(bins.all_codes()) : plain_layout(bins.all_codes());
  EXPECT_EQ(layout.bytes(), shared ? 4 : 6);
  BoostedRows rows(exec, TrainingRows(exec, bins, layout, table.view(), true), table.target, weights, outputs);
  BoostedRows validation(exec, TrainingRows(exec, bins, layout, other.view(), false), {}, {}, outputs);
  const std::vector<double> base(static_cast<size_t>(outputs), 0.25);
  rows.fill_scores(base);
  validation.fill_scores(base);
  GrowthPlan plan;
  plan.max_leaves = 9;
  plan.rules.lambda_l2 = 1;
  plan.rules.min_data_per_group = 10;
  TreeGrower grower(exec, rows.binned(), categories, plan);
  std::vector<int32_t> columns(Table::kColumns);
  std::iota(columns.begin(), columns.end(), 0);
  Boosting result;
  for (uint64_t round = 0; round < 3; ++round) {
    rows.begin_round();
    for (int64_t k = 0; k < outputs; ++k) {
      const RoundScale scale = rows.write_words(of.objective, k, static_cast<uint32_t>(31 * round + static_cast<uint64_t>(k)));
      GrownTree tree = grower.grow(rows.choose_rows(of.share, 8, round), {columns.data(), Table::kColumns}, scale, round);
      set_values(plan.rules, 0.3, tree);
      rows.add(tree, k);
      validation.add(tree, k);
      for (const GrownNode& node : tree.nodes) {
        result.gains.push_back(node.split.gain);
        result.columns.push_back(node.left < 0 ? -1 : node.split.column);
      }
      EXPECT_GT(tree.nodes.size(), 4u);
    }
  }
  const MatrixView<const float> scores = rows.scores_on_host(), other_scores = validation.scores_on_host();
  result.scores.assign(scores.data, scores.data + scores.rows * outputs);
  result.other_scores.assign(other_scores.data, other_scores.data + other_scores.rows * outputs);
  result.some = rows.some_scores(7);
  return result;
}

/// And whether columns have a byte each or share one.
TEST_P(Boosted, RowsGetTheSameScoresOnEveryEngine) {
  for (const Case& of : {Case{{Objective::squared}, 1, false}, Case{{Objective::poisson}, 0.7, true}, Case{{Objective::logistic, 0, 2}, 1, true},
                         Case{{Objective::softmax, 0, 1, 3}, 0.8, false}}) {
    SCOPED_TRACE(testing::Message() << "objective " << static_cast<int>(of.objective.objective));
    const int64_t classes = of.objective.objective == Objective::softmax ? 3 : of.objective.objective == Objective::logistic ? 2 : 0;
    const Table table(1500, classes, 1), other(200, classes, 2);
    const Boosting got = boost(exec(), of, table, other, true), want = boost(cpu(), of, table, other, false);
    EXPECT_EQ(got.columns, want.columns);
    EXPECT_EQ(got.gains, want.gains);
    EXPECT_EQ(got.scores, want.scores);
    EXPECT_EQ(got.other_scores, want.other_scores);
    EXPECT_EQ(got.some, want.some);
    const int64_t outputs = classes == 3 ? 3 : 1;
    for (size_t i = 0; i < got.some.size(); ++i) {
      const size_t row = i / static_cast<size_t>(outputs) * 7;
      ASSERT_EQ(got.some[i], got.scores[row * static_cast<size_t>(outputs) + i % static_cast<size_t>(outputs)]);
    }
  }
}

TEST_P(Boosted, RowsTakeScoresBack) {
  const Table table(100, 0, 3);
  const Bins bins = fit_bins(cpu(), table.view(), {table.categories.data(), Table::kColumns}, 20);
  BoostedRows rows(exec(), TrainingRows(exec(), bins, shared_layout(bins.all_codes()), table.view(), true), table.target, {}, 1);
  rows.set_scores({table.weights.data(), 100, 1, 1});
  const MatrixView<const float> scores = rows.scores_on_host();
  EXPECT_EQ(std::vector<float>(scores.data, scores.data + 100), table.weights);
}

}  // namespace
}  // namespace crisp
