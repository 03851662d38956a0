// Every engine, instruction set and number of threads sends rows where trees.h says, and adds in its order: the same bits.
#include "kernels/forest/traverse.h"

#include <bit>

#include "cuda/buffer.h"
#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "tests/engine.h"
#include "tests/kernels_forest/random_trees.h"

namespace crisp {
namespace {

class Traverse : public EngineTest {};
CRISP_TEST_ENGINES(Traverse);

std::vector<uint64_t> bits(const std::vector<double>& values) {
  std::vector<uint64_t> out;
  for (const double value : values) out.push_back(std::bit_cast<uint64_t>(value));
  return out;
}

std::vector<double> expected_sums(const Trees& trees, const FloatRows& rows) {
  std::vector<double> out(static_cast<size_t>(rows.rows * trees.outputs));
  for (int64_t i = 0; i < rows.rows; ++i) sum_by_contract(trees.view(), rows.view().row(i), out.data() + i * trees.outputs);
  return out;
}

std::vector<double> sums_of(Exec& exec, const Forest& forest, MatrixView<const float> rows) {
  const int64_t outputs = forest.outputs(), ld = outputs + 3;
  std::vector<double> padded(static_cast<size_t>(rows.rows * ld), -7.0), out;
  forest.sum(exec, rows, {padded.data(), rows.rows, outputs, ld});
  for (int64_t i = 0; i < rows.rows * ld; ++i) {
    if (i % ld < outputs) {
      out.push_back(padded[i]);
    } else {
      EXPECT_EQ(padded[i], -7.0) << "the padding was touched";
    }
  }
  return out;
}

void expect_contract(Exec& exec, const TreeShape& shape, int64_t count, uint64_t seed) {
  SCOPED_TRACE(testing::Message() << shape.leaves << " leaves, " << shape.columns << " columns, " << shape.outputs << " outputs, "
                                  << shape.set_share << " sets of ten, " << count << " rows");
  const Trees trees = random_trees(shape, seed);
  const FloatRows rows = odd_rows(count, shape.columns, shape.columns + 3, seed + 1);
  const Forest forest(exec, trees.view());
  const std::vector<double> want = expected_sums(trees, rows);
  EXPECT_EQ(bits(sums_of(exec, forest, rows.view())), bits(want));
  std::vector<int32_t> leaves(static_cast<size_t>(count * shape.trees));
  forest.leaves(exec, rows.view(), {leaves.data(), count, shape.trees, shape.trees});
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t t = 0; t < shape.trees; ++t) {
      ASSERT_EQ(leaves[i * shape.trees + t], leaf_by_contract(trees.view(), t, rows.view().row(i))) << i << ", tree " << t;
    }
  }
  std::vector<double> one(static_cast<size_t>(shape.outputs));
  for (int64_t i = 0; i < std::min<int64_t>(count, 40); ++i) {
    forest.sum_row(rows.view().row(i), one.data());
    ASSERT_EQ(bits(one), bits({want.begin() + i * shape.outputs, want.begin() + (i + 1) * shape.outputs})) << i;
  }
}

TEST_P(Traverse, FollowsTheContract) {
  const bool quick = GetParam() == "emulated";
  const int64_t some = quick ? 70 : 1500;
  expect_contract(exec(), {.leaves = 20}, some, 1);
  expect_contract(exec(), {.leaves = 300, .lean = 0.1f}, some, 2);
  expect_contract(exec(), {.leaves = 20, .set_share = 4}, some, 3);
  expect_contract(exec(), {.outputs = 3, .leaves = 12}, some, 4);
  expect_contract(exec(), {.outputs = 4, .leaves = 12, .vector_leaves = true, .set_share = 2}, some, 5);
  expect_contract(exec(), {.columns = 130, .leaves = 30, .lean = 0.9f}, some, 6);
  expect_contract(exec(), {.trees = 60, .leaves = 20, .single = true}, some, 9);
  expect_contract(exec(), {.outputs = 3, .trees = 60, .leaves = 20, .single = true, .set_share = 4}, some, 10);
  expect_contract(exec(), {.outputs = 2, .trees = 9, .leaves = 300, .vector_leaves = true, .single = true}, some, 12);
  expect_contract(exec(), {.columns = 1, .trees = 1, .leaves = 2}, 1, 7);
  expect_contract(exec(), {.trees = 3, .leaves = 1}, 9, 8);
}

TEST_P(Traverse, AnyNumberOfRowsAndTrees) {
  for (const int64_t count : {0, 1, 7, 8, 9, 127, 128, 129, 300}) {
    for (const int64_t trees : {1, 2, 9}) expect_contract(exec(), {.trees = trees, .leaves = 9}, count, 11);
  }
}

TEST_P(Traverse, AForestOfLeavesNeedsNoColumns) {
  Trees trees = random_trees({.trees = 2, .leaves = 1}, 1);
  trees.columns = 0;
  const Forest forest(exec(), trees.view());
  EXPECT_EQ(sums_of(exec(), forest, {nullptr, 3, 0, 0}), std::vector<double>(3, trees.value[0] + trees.value[1]));
  double sum = 0;
  forest.sum_row(nullptr, &sum);
  EXPECT_EQ(sum, trees.value[0] + trees.value[1]);
}

// 10^6 levels: no recursion, and child numbers beyond 16 bits.
TEST_P(Traverse, ATreeMayBeAChain) {
  Trees trees;
  trees.columns = 1;
  const int64_t depth = GetParam() == "emulated" ? 20'000 : 1'000'000;
  add_node(trees, 1);
  for (int64_t i = 0; i < depth; ++i) {
    const auto node = static_cast<int64_t>(trees.feature.size()) - 1;
    trees.feature[node] = 0;
    trees.threshold[node] = static_cast<float>(i);
    trees.left[node] = static_cast<int32_t>(node + 1);
    trees.right[node] = static_cast<int32_t>(node + 2);
    add_node(trees, 1);
    trees.value.back() = static_cast<double>(i);
    add_node(trees, 1);
  }
  trees.value.back() = -1;
  trees.first.push_back(static_cast<int64_t>(trees.feature.size()));
  const auto end = static_cast<float>(depth);
  const FloatRows rows{3, 1, 1, {end / 2 - 0.5f, end + 1, -5}};
  const Forest forest(exec(), trees.view());
  EXPECT_EQ(sums_of(exec(), forest, rows.view()), (std::vector<double>{static_cast<double>(depth / 2), -1, 0}));
}

TEST_P(Traverse, RowsOnTheDeviceStayThere) {
  if (!exec().is_cuda()) return;
  const Trees trees = random_trees({.outputs = 2}, 3);
  const FloatRows rows = odd_rows(50, 5, 5, 4);
  const Forest forest(exec(), trees.view());
  const DeviceBuffer<float> there(exec(), rows.values.data(), 250);
  const DeviceBuffer<double> out(exec(), 100);
  forest.sum(exec(), {there.data(), 50, 5, 5}, {out.data(), 50, 2, 2});
  std::vector<double> sums(100);
  out.download(exec(), sums.data(), 100);
  EXPECT_EQ(bits(sums), bits(expected_sums(trees, rows)));
}

TEST_P(Traverse, RefusesRowsOfAnotherWidth) {
  const Forest forest(exec(), random_trees({}, 1).view());
  const FloatRows rows = odd_rows(2, 4, 4, 1);
  std::vector<double> sums(2);
  EXPECT_THROW(forest.sum(exec(), rows.view(), {sums.data(), 2, 1, 1}), Error);
}

class IsaLimit {
 public:
  explicit IsaLimit(CpuIsa isa) { isa_limit() = isa; }
  ~IsaLimit() { isa_limit() = CpuIsa::avx512; }
};

TEST_P(Traverse, InstructionSetAndThreadsDoNotChangeABit) {
  if (exec().is_cuda()) return;
  for (const TreeShape& shape : {TreeShape{.columns = 9, .trees = 30, .leaves = 60}, TreeShape{.columns = 9, .outputs = 3, .leaves = 200},
                                 TreeShape{.columns = 9, .trees = 30, .leaves = 60, .single = true}}) {
    const Trees trees = random_trees(shape, 5);
    const FloatRows rows = odd_rows(5000, 9, 9, 6);
    const std::vector<uint64_t> want = bits(expected_sums(trees, rows));
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
      const IsaLimit limit(isa);
      for (const int threads : {1, 2, 3, 64}) {
        Exec other(Device::cpu(), threads);
        EXPECT_EQ(bits(sums_of(other, Forest(other, trees.view()), rows.view())), want) << static_cast<int>(isa) << ", " << threads;
      }
    }
  }
}

}  // namespace
}  // namespace crisp
