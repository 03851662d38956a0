// The layout of masks by itself, whatever a Forest would choose: sums follow trees.h on every instruction set.
#include "kernels/forest/mask_sum.h"

#include <bit>

#include "cuda/cpu_isa.h"
#include "kernels/forest/walk.h"
#include "tests/engine.h"
#include "tests/kernels_forest/random_trees.h"

namespace crisp {
namespace {

class IsaLimit {
 public:
  explicit IsaLimit(CpuIsa isa) { isa_limit() = isa; }
  ~IsaLimit() { isa_limit() = CpuIsa::avx512; }
};

void expect_contract(const TreeShape& shape, int64_t count, uint64_t seed) {
  SCOPED_TRACE(testing::Message() << shape.leaves << " leaves, " << shape.columns << " columns, " << shape.outputs << " outputs, "
                                  << shape.set_share << " sets of ten, " << count << " rows");
  const Trees trees = random_trees(shape, seed);
  const FloatRows rows = odd_rows(count, shape.columns, shape.columns + 1, seed + 1);
  const auto plan = forest::make_mask_plan(forest::make_node_table(trees.view()));
  ASSERT_TRUE(plan);
  std::vector<double> want(static_cast<size_t>(shape.outputs)), sums(static_cast<size_t>(count * shape.outputs));
  for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
    const IsaLimit limit(isa);
    forest::mask_sum(*plan, rows.view(), 0, count, {sums.data(), count, shape.outputs, shape.outputs});
    for (int64_t i = 0; i < count; ++i) {
      sum_by_contract(trees.view(), rows.view().row(i), want.data());
      for (int64_t k = 0; k < shape.outputs; ++k) {
        ASSERT_EQ(std::bit_cast<uint64_t>(sums[i * shape.outputs + k]), std::bit_cast<uint64_t>(want[k]))
            << "row " << i << ", output " << k << ", instruction set " << static_cast<int>(isa);
      }
    }
  }
}

TEST(MaskSum, FollowsTheContract) {
  expect_contract({.leaves = 20}, 700, 1);
  expect_contract({.leaves = 256, .lean = 0}, 513, 2);
  expect_contract({.leaves = 257, .lean = 0.2f}, 600, 3);           // a ninth plane
  expect_contract({.trees = 2, .leaves = 4096, .lean = 0}, 512, 4);
  expect_contract({.trees = 2, .leaves = 400, .lean = 1}, 100, 5);  // a chain
  expect_contract({.leaves = 30, .set_share = 5}, 700, 6);
  expect_contract({.leaves = 30, .set_share = 10}, 40, 7);
  expect_contract({.outputs = 3, .trees = 9, .leaves = 300}, 70, 8);
  expect_contract({.outputs = 4, .leaves = 40, .vector_leaves = true, .set_share = 2}, 70, 9);
  expect_contract({.outputs = 2, .trees = 3, .leaves = 300, .vector_leaves = true}, 70, 10);
  expect_contract({.trees = 3, .leaves = 1}, 5, 11);
}

// Every length of the search, one threshold to thousands.
TEST(MaskSum, SearchesAnyNumberOfThresholds) {
  for (const int64_t thresholds : {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 600, 3000}) {
    expect_contract({.columns = 1, .trees = 20, .leaves = 200, .thresholds = thresholds}, 100, 20 + static_cast<uint64_t>(thresholds));
  }
}

TEST(MaskSum, AnyNumberOfColumns) {
  for (const int64_t columns : {1, 2, 3, 4, 5, 6, 7, 8, 9, 60}) expect_contract({.columns = columns}, 40, static_cast<uint64_t>(columns));
}

TEST(MaskSum, RefusesWhatItHasNoRoomFor) {
  const auto planned = [](const TreeShape& shape) { return forest::make_mask_plan(forest::make_node_table(random_trees(shape, 1).view())).has_value(); };
  EXPECT_TRUE(planned({.trees = 1, .leaves = 4096}));
  EXPECT_FALSE(planned({.trees = 1, .leaves = 4097}));
  EXPECT_FALSE(planned({.columns = 100, .trees = 30, .leaves = 4000}));  // more than 32,768 conditions
}

}  // namespace
}  // namespace crisp
