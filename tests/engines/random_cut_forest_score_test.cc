// Every engine gives the CPU's scores and attributions, bit for bit.
#include "cuda/buffer.h"
#include "tests/engine.h"
#include "tests/engines/forest_shapes.h"

namespace crisp {
namespace {

class RandomCutForestScore : public EngineTest {};
CRISP_TEST_ENGINES(RandomCutForestScore);

TEST_P(RandomCutForestScore, GivesTheSameScoresAndAttributions) {
  for (const ForestShape& shape : forest_shapes()) {
    SCOPED_TRACE(shape.what);
    const RandomCutForest forest = build_random_cut_forest(cpu(), shape.train.view(), shape.params, 7);
    const ForestTables tables = derive_tables(exec(), forest);
    const auto rows = static_cast<size_t>(shape.test.rows), width = static_cast<size_t>(2 * shape.test.columns);
    std::vector<double> scores(rows, -1), expected(rows), parts(rows * width, -1), expected_parts(rows * width);
    score_random_cut_forest(exec(), forest, tables, shape.test.view(), scores);
    score_random_cut_forest(cpu(), forest, tables, shape.test.view(), expected);
    EXPECT_EQ(scores, expected);
    const auto matrix = [&](std::vector<double>& values) {
      return MatrixView<double>{values.data(), shape.test.rows, 2 * shape.test.columns, 2 * shape.test.columns};
    };
    attribute_random_cut_forest(exec(), forest, tables, shape.test.view(), matrix(parts));
    attribute_random_cut_forest(cpu(), forest, tables, shape.test.view(), matrix(expected_parts));
    EXPECT_EQ(parts, expected_parts);
  }
}

TEST_P(RandomCutForestScore, TakesRowsOnTheDevice) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const ForestRows rows = heavy_tailed(50, 7, 1);
  const RandomCutForest forest = build_random_cut_forest(exec(), rows.view(), {3, 20}, 1);
  const ForestTables tables = derive_tables(exec(), forest);
  std::vector<double> host(50), device(50);
  score_random_cut_forest(exec(), forest, tables, rows.view(), host);
  const DeviceBuffer<float> values(exec(), rows.values.data(), 350);
  score_random_cut_forest(exec(), forest, tables, {values.data(), 50, 7, 7}, device);
  EXPECT_EQ(host, device);
}

TEST_P(RandomCutForestScore, TakesTablesThatWereDerivedElsewhere) {
  const ForestRows rows = heavy_tailed(50, 7, 1);
  const RandomCutForest forest = build_random_cut_forest(cpu(), rows.view(), {3, 20}, 1);
  const ForestTables here = derive_tables(cpu(), forest), there = derive_tables(exec(), forest);
  std::vector<double> expected(50), scores(50);
  score_random_cut_forest(cpu(), forest, here, rows.view(), expected);
  score_random_cut_forest(exec(), forest, here, rows.view(), scores);
  EXPECT_EQ(scores, expected);
  score_random_cut_forest(cpu(), forest, there, rows.view(), scores);
  EXPECT_EQ(scores, expected);
  Exec other(exec().device(), 1);
  std::fill(scores.begin(), scores.end(), -1);
  score_random_cut_forest(other, forest, there, rows.view(), scores);
  EXPECT_EQ(scores, expected);
}

TEST_P(RandomCutForestScore, TakesNoRows) {
  const ForestRows train = heavy_tailed(30, 3, 1), none = heavy_tailed(0, 3, 1);
  const RandomCutForest forest = build_random_cut_forest(exec(), train.view(), {2, 10}, 1);
  score_random_cut_forest(exec(), forest, derive_tables(exec(), forest), none.view(), {});
}

}  // namespace
}  // namespace crisp
