// The purest splits of many nodes of several trees at once on a device: each as the CPU's engine has it, bit for bit.
#include "kernels/histogram/impurity_nodes_gpu.h"

#include <algorithm>
#include <numeric>

#include "tests/engine.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class ImpurityNodes : public EngineTest {};
CRISP_TEST_DEVICES(ImpurityNodes);

constexpr int kTrees = 2;

/// Rows of two trees, with targets that go by the codes, and nodes of either tree.
struct NodeCases {
  ImpurityRules rules;
  BinnedSample sample;
  std::vector<int32_t> categories, cell;
  std::vector<int64_t> weight, target;
  std::vector<float> number;
  std::vector<uint16_t> counts;           // of both trees
  std::vector<uint32_t> index;
  std::vector<std::vector<int32_t>> columns;
  std::vector<std::vector<int64_t>> totals;
  std::vector<gpu::ImpurityNode> nodes;
  bool weighty, bootstrap;

  NodeCases(ImpurityRules of, std::vector<int32_t> codes, std::vector<int32_t> categories_of, const std::vector<int64_t>& sizes, bool weighty_rows, bool drawn)
      : rules(of), sample(std::accumulate(sizes.begin(), sizes.end(), int64_t{0}), std::move(codes), 5), categories(std::move(categories_of)), weighty(weighty_rows),
        bootstrap(drawn) {
    const auto draw = [](uint64_t stream, int64_t i, uint64_t below) { return static_cast<int64_t>(random_below(8, stream, static_cast<uint64_t>(i), below)); };
    for (int64_t i = 0; i < sample.rows; ++i) {
      const int64_t kind = sample.view().records.at(i, 0) / 20 + sample.view().records.at(i, 4) % 3;
      weight.push_back(1 + draw(1, i, 3));
      cell.push_back(static_cast<int32_t>(kFirstClassCell + (kind + draw(2, i, 2)) % rules.classes));
      number.push_back(static_cast<float>(kind + draw(3, i, 4)));
      target.push_back((weighty ? weight.back() : 1) * (static_cast<int64_t>(number.back()) * 1'000'003 - 5'000'000));
    }
    for (int64_t i = 0; i < kTrees * sample.rows; ++i) counts.push_back(static_cast<uint16_t>(1 + draw(4, i, 3)));
    index.resize(static_cast<size_t>(sample.rows));
    std::iota(index.begin(), index.end(), 0u);
    int64_t begin = 0;
    for (const int64_t size : sizes) {
      add_node(begin, size);
      begin += size;
    }
  }

  void add_node(int64_t begin, int64_t size) {
    std::vector<int32_t>& own = columns.emplace_back(sample.codes.size());
    std::iota(own.begin(), own.end(), 0);
    if (nodes.size() % 2 == 1) std::reverse(own.begin(), own.end());
    gpu::ImpurityNode node{{begin, size}, static_cast<int64_t>(nodes.size()) % kTrees, nullptr, 70 + nodes.size(), {own.data(), static_cast<int64_t>(own.size())}};
    std::vector<int64_t>& total = totals.emplace_back(static_cast<size_t>(rules.cells()));
    total[kRowsCell] = size;
    for (int64_t i = begin; i < begin + size; ++i) {
      if (rules.impurity == Impurity::squared) {
        total[kWeightCell] += weight_of(node, i);
        total[kTargetCell] += target_of(node, i);
      } else {
        total[static_cast<size_t>(cell[static_cast<size_t>(i)])] += weight_of(node, i);
      }
    }
    node.total = total.data();
    nodes.push_back(node);
  }

  int64_t times(const gpu::ImpurityNode& node, int64_t row) const { return bootstrap ? counts[static_cast<size_t>(node.tree * sample.rows + row)] : 1; }
  int64_t weight_of(const gpu::ImpurityNode& node, int64_t row) const { return times(node, row) * (weighty ? weight[static_cast<size_t>(row)] : 1); }
  int64_t target_of(const gpu::ImpurityNode& node, int64_t row) const { return times(node, row) * target[static_cast<size_t>(row)]; }

  /// What the CPU finds; and the sums of what goes left.
  gpu::NodeSplit find(const gpu::ImpurityNode& node, bool first_alone, std::vector<int64_t>& left) {
    std::vector<int64_t> weights, targets;
    std::vector<int32_t> cells;
    for (int64_t i = node.rows.begin; i < node.rows.begin + node.rows.rows; ++i) {
      weights.push_back(weight_of(node, i));
      targets.push_back(target_of(node, i));
      cells.push_back(cell[static_cast<size_t>(i)]);
    }
    const ImpurityRows rows{{index.data() + node.rows.begin, node.rows.rows}, weights.data(), cells.data(), targets.data(), node.total, node.stream};
    ImpuritySplitter splitter(rules);
    gpu::NodeSplit found;
    for (const int32_t j : node.columns) {
      if (first_alone && found.differ) break;
      const ImpurityColumn column{j, sample.view().columns.row(j), sample.codes[static_cast<size_t>(j)], categories[static_cast<size_t>(j)] > 0};
      found.differ = splitter.improve(rows, column, found.split) || found.differ;
    }
    left.assign(static_cast<size_t>(rules.cells()), 0);
    if (found.split.column < 0) return found;
    const CodeSides sides = found.split.sides();
    for (size_t i = 0; i < weights.size(); ++i) {
      if (!sides[sample.view().columns.at(found.split.column, node.rows.begin + static_cast<int64_t>(i))]) continue;
      ++left[kRowsCell];
      if (rules.impurity == Impurity::squared) {
        left[kWeightCell] += weights[i];
        left[kTargetCell] += targets[i];
      } else {
        left[static_cast<size_t>(cells[i])] += weights[i];
      }
    }
    return found;
  }

  void expect_same(Exec& exec, bool first_alone) {
    const ResidentRows resident(exec, sample);
    const auto on_device = [&]<class T>(const std::vector<T>& values) { return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size())); };
    const auto device_categories = on_device(categories), device_cell = on_device(cell);
    const auto device_weight = on_device(weight), device_target = on_device(target);
    const auto device_number = on_device(number);
    const auto device_counts = on_device(counts);
    const auto device_index = on_device(index);
    const gpu::ImpurityTargets targets{weighty ? device_weight.data() : nullptr, device_cell.data(), device_target.data(), device_number.data(),
                                       bootstrap ? device_counts.data() : nullptr};
    std::vector<int64_t> left(nodes.size() * static_cast<size_t>(rules.cells()));
    const auto got = gpu::purest_splits(exec, {resident.view(), device_categories.data()}, targets, rules, device_index.data(), nodes, first_alone, left);
    ASSERT_EQ(got.size(), nodes.size());
    for (size_t k = 0; k < nodes.size(); ++k) {
      SCOPED_TRACE(testing::Message() << "node " << k << " of " << nodes[k].rows.rows << " rows");
      std::vector<int64_t> want_left;
      const gpu::NodeSplit want = find(nodes[k], first_alone, want_left);
      EXPECT_EQ(got[k].differ, want.differ);
      EXPECT_EQ(got[k].split.column, want.split.column);
      if (want.split.column < 0) continue;
      EXPECT_EQ(got[k].split.purity, want.split.purity) << "bit for bit";
      EXPECT_EQ(got[k].split.category, want.split.category);
      EXPECT_EQ(got[k].split.missing_left, want.split.missing_left);
      EXPECT_EQ(got[k].split.sides(), want.split.sides());
      const auto begin = left.begin() + static_cast<std::ptrdiff_t>(k) * static_cast<std::ptrdiff_t>(rules.cells());
      EXPECT_EQ(std::vector<int64_t>(begin, begin + static_cast<std::ptrdiff_t>(rules.cells())), want_left);
      ++parted;
    }
  }
  int parted = 0;
};

ImpurityRules rules_of(Impurity impurity, int64_t classes, bool random, int64_t least) {
  ImpurityRules rules;
  rules.impurity = impurity;
  rules.classes = classes;
  rules.random_thresholds = random;
  rules.min_leaf_rows = least;
  rules.seed = 6;
  return rules;
}

TEST_P(ImpurityNodes, FindTheCpusSplits) {
  int parted = 0;
  for (const auto& [impurity, classes] : std::vector<std::pair<Impurity, int64_t>>{{Impurity::gini, 2}, {Impurity::gini, 4}, {Impurity::entropy, 3}, {Impurity::squared, 2}}) {
    for (const bool random : {false, true}) {
      for (const bool weighty : {false, true}) {
        SCOPED_TRACE(testing::Message() << "impurity " << static_cast<int>(impurity) << ", " << classes << " classes, random " << random << ", weighty " << weighty);
        NodeCases cases(rules_of(impurity, classes, random, weighty ? 3 : 1), {256, 2, 31, 1, 7, 40}, {0, 0, 0, 0, 6, 39}, {2, 3, 40, 300, 9, 700}, weighty, !weighty);
        cases.expect_same(exec(), false);
        parted += cases.parted;
      }
    }
  }
  EXPECT_GT(parted, 60);
}

/// More classes than shared memory has room for, and codes up to 33 only.
TEST_P(ImpurityNodes, FindTheCpusSplitsOfManyClassesAndFewCodes) {
  NodeCases many(rules_of(Impurity::gini, 30, false, 1), {256, 3, 20, 1, 9}, {0, 0, 0, 0, 8}, {5, 60, 400}, false, true);
  many.expect_same(exec(), false);
  EXPECT_EQ(many.parted, 3);
  NodeCases few(rules_of(Impurity::entropy, 2, false, 1), {33, 2, 20, 1, 9}, {0, 0, 19, 0, 0}, {5, 60, 400}, true, false);
  few.expect_same(exec(), false);
  EXPECT_EQ(few.parted, 3);
  // Cells alone would just fit into what every GPU grants, with the rest of the block's memory they do not.
  NodeCases eleven(rules_of(Impurity::gini, 11, false, 1), {256, 3, 20, 1, 9}, {0, 0, 0, 0, 8}, {300}, false, false);
  eleven.expect_same(exec(), false);
  EXPECT_EQ(eleven.parted, 1);
}

/// More nodes than there are blocks, each of two rows.
TEST_P(ImpurityNodes, FindTheCpusSplitsOfManyNodes) {
  NodeCases cases(rules_of(Impurity::gini, 2, false, 1), {256, 2, 31, 1, 7}, {0, 0, 0, 0, 6}, std::vector<int64_t>(1100, 2), false, false);
  for (gpu::ImpurityNode& node : cases.nodes) node.columns = {cases.columns[0].data() + node.rows.begin / 2 % 5, 1};
  cases.expect_same(exec(), false);
  EXPECT_GT(cases.parted, 300);
}

/// Of columns that a node wants only because those before were the same in all rows, the first that is not decides alone.
TEST_P(ImpurityNodes, StopAtTheFirstColumnThatDiffers) {
  std::vector<int32_t> codes(70, 1);  // more than lanes of a warp
  codes[0] = 256;
  codes[4] = 7;
  std::fill(codes.begin() + 33, codes.end(), 5);
  NodeCases cases(rules_of(Impurity::gini, 2, false, 1), codes, std::vector<int32_t>(70), {1, 2, 50, 300, 70}, false, true);
  for (size_t k = 0; k < cases.nodes.size(); ++k) std::swap(cases.columns[k][0], cases.columns[k][k % 2 == 0 ? 1 : 4]);
  cases.expect_same(exec(), true);
  EXPECT_GE(cases.parted, 3);
}

/// All rows of a node alike in the targets, or in every column; no side large enough.
TEST_P(ImpurityNodes, FindNoneWhereNothingCanBeParted) {
  NodeCases same(rules_of(Impurity::squared, 2, false, 1), {256, 2, 31, 1, 7}, {0, 0, 0, 0, 0}, {50, 60}, false, false);
  std::fill_n(same.number.begin(), 50, 3.0f);
  std::vector<int64_t> left(2 * static_cast<size_t>(same.rules.cells()));
  const ResidentRows resident(exec(), same.sample);
  const DeviceBuffer<int32_t> categories(exec(), same.categories.data(), 5);
  const DeviceBuffer<int64_t> target(exec(), same.target.data(), 110);
  const DeviceBuffer<float> number(exec(), same.number.data(), 110);
  const DeviceBuffer<uint32_t> index(exec(), same.index.data(), 110);
  const gpu::ImpurityColumns columns{resident.view(), categories.data()};
  const gpu::ImpurityTargets targets{nullptr, nullptr, target.data(), number.data(), nullptr};
  auto got = gpu::purest_splits(exec(), columns, targets, same.rules, index.data(), same.nodes, false, left);
  EXPECT_EQ(got[0].split.column, -1);
  EXPECT_TRUE(got[0].differ) << "further columns would say the same";
  EXPECT_GE(got[1].split.column, 0);
  same.rules.min_leaf_rows = 31;
  got = gpu::purest_splits(exec(), columns, targets, same.rules, index.data(), same.nodes, false, left);
  EXPECT_EQ(got[1].split.column, -1);
}

}  // namespace
}  // namespace crisp
