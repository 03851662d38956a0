// A tree is one tree, wherever it is grown.
#include "kernels/histogram/grower.h"

#include <algorithm>
#include <numeric>

#include "tests/engine.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class Grower : public EngineTest {};
CRISP_TEST_ENGINES(Grower);

struct Grown {
  GrownTree tree;
  std::vector<uint32_t> index;
};

/// Rows whose gradients depend on their codes, so that trees have something to find.
void give_pattern(BinnedSample& sample) {
  for (int64_t i = 0; i < sample.rows; ++i) {
    const uint8_t* record = sample.view().record(i);
    const int32_t noise = static_cast<int32_t>(random_below(3, 3, static_cast<uint64_t>(i), 401)) - 200;
    const int32_t g = (record[0] > 9 ? 300 : -250) + (record[1] % 3 == 0 ? 180 : -90) + (record[0] > 20 && record[2] > 3 ? -400 : 30) + noise;
    sample.view().word(i) = gradient_word(g, 40 + static_cast<int32_t>(random_below(3, 4, static_cast<uint64_t>(i), 200)));
  }
}

Grown grow(Exec& exec, BinnedSample& sample, const std::vector<int32_t>& categories, const GrowthPlan& plan, uint64_t one_in) {
  const ResidentRows rows(exec, sample);
  TreeGrower grower(exec, rows.view(), {categories.data(), static_cast<int64_t>(categories.size())}, plan);
  std::vector<int32_t> columns(categories.size());
  std::iota(columns.begin(), columns.end(), 0);
  Grown grown;
  for (int round = 0; round < 2; ++round) {  // the second with memory of the first
    grown.index.clear();
    for (uint32_t i = 0; i < sample.rows; ++i) {
      if (i % one_in == 0) grown.index.push_back(i);
    }
    grown.tree = grower.grow({grown.index.data(), static_cast<int64_t>(grown.index.size())}, {columns.data(), static_cast<int64_t>(columns.size())},
                             {0.01, 0.004}, 77);
  }
  set_values(plan.rules, 0.1, grown.tree);
  return grown;
}

/// By its codes, column by column.
int32_t leaf_of(const GrownTree& tree, const uint8_t* record) {
  int32_t node = 0;
  while (tree.nodes[static_cast<size_t>(node)].left >= 0) {
    const GrownNode& at = tree.nodes[static_cast<size_t>(node)];
    node = at.split.left[static_cast<size_t>(at.split.place.code_in(record[at.split.place.byte]))] ? at.left : at.right;
  }
  return node;
}

void expect_same(const Grown& got, const Grown& want, const BinnedSample& sample) {
  ASSERT_EQ(got.tree.nodes.size(), want.tree.nodes.size());
  EXPECT_EQ(got.tree.values, want.tree.values);
  for (size_t k = 0; k < want.tree.nodes.size(); ++k) {
    const GrownNode &a = got.tree.nodes[k], &b = want.tree.nodes[k];
    ASSERT_EQ(a.left, b.left) << k;
    ASSERT_EQ(a.right, b.right) << k;
    ASSERT_EQ(a.total, b.total) << k;
    ASSERT_EQ(a.begin, b.begin) << k;
    ASSERT_EQ(a.rows, b.rows) << k;
    if (b.left < 0) continue;
    ASSERT_EQ(a.split.column, b.split.column) << k;
    ASSERT_EQ(a.split.left, b.split.left) << k;
    ASSERT_EQ(a.split.gain, b.split.gain) << k;
  }
  // Leaves have their rows side by side; which of them were parted ahead and left whole after all depends on the engine.
  for (size_t k = 0; k < want.tree.nodes.size(); ++k) {
    const GrownNode& node = want.tree.nodes[k];
    if (node.left >= 0) continue;
    const auto rows_of = [&](const Grown& grown) {
      std::vector<uint32_t> rows(grown.index.begin() + node.begin, grown.index.begin() + node.begin + node.rows);
      std::sort(rows.begin(), rows.end());
      return rows;
    };
    ASSERT_EQ(rows_of(got), rows_of(want)) << k;
    for (const uint32_t row : rows_of(got)) ASSERT_EQ(leaf_of(want.tree, sample.records.data() + row * sample.stride), static_cast<int32_t>(k));
  }
}

TEST_P(Grower, GrowsTheSameTreeOnEveryEngine) {
  const bool emulated = GetParam() == "emulated";
  BinnedSample sample(emulated ? 3000 : 100'000, {32, 14, 7, 250}, 21);
  give_pattern(sample);
  const std::vector<int32_t> numbers(4), categories{0, 13, 0, 0};
  GrowthPlan plan;
  plan.rules.lambda_l2 = 1;
  plan.rules.min_data_per_group = 20;
  const std::vector<int8_t> monotone{1, 0, -1, 0};
  const auto compare = [&](const std::vector<int32_t>& kinds, uint64_t one_in) {
    Exec single(Device::cpu(), 1);
    const Grown want = grow(single, sample, kinds, plan, one_in);
    EXPECT_GT(want.tree.nodes.size(), 12u);
    expect_same(grow(exec(), sample, kinds, plan, one_in), want, sample);
  };
  {
    SCOPED_TRACE("by gain");
    compare(numbers, 1);
  }
  {
    SCOPED_TRACE("categories, a third of the rows");
    compare(categories, 3);
  }
  {
    SCOPED_TRACE("level by level, monotone, a sample of columns");
    plan.by_level = true;
    plan.max_depth = 5;
    plan.columns_by_node = 0.5;
    plan.rules.monotone = {monotone.data(), 4};
    compare(numbers, 1);
  }
}

TEST_P(Grower, GrowsALeafWhereNothingIsGained) {
  BinnedSample sample(50, {4, 4});
  for (int64_t i = 0; i < 50; ++i) sample.view().word(i) = gradient_word(0, 7);
  const Grown grown = grow(exec(), sample, {0, 0}, {}, 1);
  ASSERT_EQ(grown.tree.nodes.size(), 1u);
  EXPECT_EQ(grown.tree.nodes[0].total, (Sums{0, 350, 50}));
}

TEST_P(Grower, PartsANodeThatIsTooLargeForPackedCells) {
  BinnedSample sample(2 * kPackedRows + 77, {9, 3, 5, 2}, 22);
  give_pattern(sample);
  GrowthPlan plan;
  plan.max_leaves = 4;
  Exec single(Device::cpu(), 1);
  const Grown want = grow(single, sample, {0, 0, 0, 0}, plan, 1);
  expect_same(grow(exec(), sample, {0, 0, 0, 0}, plan, 1), want, sample);
}

}  // namespace
}  // namespace crisp
