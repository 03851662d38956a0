// Every engine gives the same forest, scores and attributions as the CPU, bit for bit.
#include <algorithm>
#include <bit>

#include "cuda/buffer.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "tests/engine.h"
#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {
namespace {

struct Shape {
  ForestRows train, test;
  RandomCutParams params;
};

class RandomCutForestEngines : public EngineTest {
 protected:
  static std::vector<uint32_t> bits(const std::vector<float>& values) {
    std::vector<uint32_t> out;
    for (const float value : values) out.push_back(std::bit_cast<uint32_t>(value));
    return out;
  }
  void expect_equal(const Shape& shape) {
    const RandomCutForest forest = build_random_cut_forest(exec(), shape.train.view(), shape.params, 7);
    const RandomCutForest reference = build_random_cut_forest(cpu(), shape.train.view(), shape.params, 7);
    EXPECT_EQ(forest, reference);
    EXPECT_TRUE(std::ranges::equal(bits(forest.leaf_points), bits(reference.leaf_points))) << "-0 is not 0 in a file";
    check_random_cut_forest(forest);
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
};
CRISP_TEST_ENGINES(RandomCutForestEngines);

TEST_P(RandomCutForestEngines, AgreeOnTheMainJobsShape) {
  expect_equal({heavy_tailed(300, 29, 1), heavy_tailed(300, 29, 2), {3, 200}});
}
TEST_P(RandomCutForestEngines, AgreeOnDuplicates) { expect_equal({duplicates(100, 4, 1), duplicates(70, 4, 2), {4, 60}}); }
TEST_P(RandomCutForestEngines, AgreeOnOneColumn) {
  expect_equal({heavy_tailed(90, 1, 1), heavy_tailed(65, 1, 2), {4, 64}});
}
TEST_P(RandomCutForestEngines, AgreeOnOnePoint) { expect_equal({heavy_tailed(1, 5, 1), heavy_tailed(3, 5, 1), {2, 10}}); }
TEST_P(RandomCutForestEngines, AgreeOnNodesLargerThanABlock) {
  expect_equal({heavy_tailed(700, 3, 1), heavy_tailed(40, 3, 2), {1, 600}});
}
// Boxes of 203 columns come in pieces; 255 boxes of 150 columns do not fit even so, nor do rows of 2,000 columns.
TEST_P(RandomCutForestEngines, AgreeOnBoxesInPieces) {
  expect_equal({heavy_tailed(130, 203, 1), heavy_tailed(70, 203, 2), {2, 100}});
}
TEST_P(RandomCutForestEngines, AgreeOnBoxesBeyondSharedMemory) {
  expect_equal({heavy_tailed(256, 150, 1), heavy_tailed(20, 150, 2), {1, 256}});
}
TEST_P(RandomCutForestEngines, AgreeOnRowsBeyondSharedMemory) {
  expect_equal({heavy_tailed(20, 2000, 1), heavy_tailed(6, 2000, 2), {2, 10}});
}

TEST_P(RandomCutForestEngines, TakeRowsOnTheDeviceAndRefuseBadOnesThere) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  ForestRows rows = heavy_tailed(50, 7, 1);
  const RandomCutForest forest = build_random_cut_forest(exec(), rows.view(), {3, 20}, 1);
  const ForestTables tables = derive_tables(exec(), forest);
  std::vector<double> host(50), device(50);
  score_random_cut_forest(exec(), forest, tables, rows.view(), host);
  DeviceBuffer<float> values(exec(), rows.values.data(), 350);
  const MatrixView<const float> there{values.data(), 50, 7, 7};
  EXPECT_EQ(build_random_cut_forest(exec(), there, {3, 20}, 1), forest);
  score_random_cut_forest(exec(), forest, tables, there, device);
  EXPECT_EQ(host, device);
  rows.values[7 * 11 + 3] = INFINITY;
  rows.values[7 * 12] = NAN;
  copy_bytes(exec(), values.data(), rows.values.data(), 350 * sizeof(float));
  try {
    score_random_cut_forest(exec(), forest, tables, there, device);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.message().find("row 11, column 3 is inf"), std::string::npos) << error.what();
  }
}

TEST_P(RandomCutForestEngines, TakeTablesThatWereDerivedElsewhere) {
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

TEST_P(RandomCutForestEngines, ScoreNoRows) {
  const ForestRows train = heavy_tailed(30, 3, 1), none = heavy_tailed(0, 3, 1);
  const RandomCutForest forest = build_random_cut_forest(exec(), train.view(), {2, 10}, 1);
  score_random_cut_forest(exec(), forest, derive_tables(exec(), forest), none.view(), {});
}

}  // namespace
}  // namespace crisp
