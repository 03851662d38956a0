// Every engine grows the CPU's forest, bit for bit.
#include <algorithm>
#include <bit>

#include "cuda/buffer.h"
#include "tests/engine.h"
#include "tests/engines/forest_shapes.h"

namespace crisp {
namespace {

class RandomCutForestBuild : public EngineTest {};
CRISP_TEST_ENGINES(RandomCutForestBuild);

std::vector<uint32_t> bits(const std::vector<float>& values) {
  std::vector<uint32_t> out;
  for (const float value : values) out.push_back(std::bit_cast<uint32_t>(value));
  return out;
}

TEST_P(RandomCutForestBuild, GrowsTheSameForest) {
  for (const ForestShape& shape : forest_shapes()) {
    SCOPED_TRACE(shape.what);
    const RandomCutForest forest = build_random_cut_forest(exec(), shape.train.view(), shape.params, 7);
    const RandomCutForest reference = build_random_cut_forest(cpu(), shape.train.view(), shape.params, 7);
    EXPECT_EQ(forest, reference);
    EXPECT_TRUE(std::ranges::equal(bits(forest.leaf_points), bits(reference.leaf_points))) << "-0 is not 0 in a file";
    check_random_cut_forest(forest);
  }
}

TEST_P(RandomCutForestBuild, TakesRowsOnTheDevice) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const ForestRows rows = heavy_tailed(50, 7, 1);
  const DeviceBuffer<float> values(exec(), rows.values.data(), 350);
  EXPECT_EQ(build_random_cut_forest(exec(), {values.data(), 50, 7, 7}, {3, 20}, 1), build_random_cut_forest(exec(), rows.view(), {3, 20}, 1));
}

}  // namespace
}  // namespace crisp
