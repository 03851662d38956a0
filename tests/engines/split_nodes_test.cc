// Splits of many nodes at once on a device: each as the CPU's engine has it, bit for bit.
#include <algorithm>
#include <numeric>

#include "kernels/histogram/nodes_gpu.h"
#include "tests/engine.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class SplitNodes : public EngineTest {};
CRISP_TEST_DEVICES(SplitNodes);

/// Nodes of invented rows, their histograms on both sides.
struct NodeCases {
  BinnedSample sample;
  std::vector<int32_t> columns, categories;
  std::vector<OwnedHistogram> host;
  std::vector<DeviceHistogram> device;
  std::vector<SplitNode> nodes;

  NodeCases(Exec& cpu, Exec& exec, std::vector<int32_t> codes, std::vector<int32_t> categories_of, std::vector<int64_t> sizes, uint64_t seed)
      : sample(std::accumulate(sizes.begin(), sizes.end(), int64_t{0}), std::move(codes), seed), columns(sample.codes.size()), categories(std::move(categories_of)) {
    std::iota(columns.begin(), columns.end(), 0);
    categories.resize(columns.size());
    std::vector<uint32_t> index(static_cast<size_t>(sample.rows));
    std::iota(index.begin(), index.end(), 0u);
    const auto all = [](const auto& v) { return ArrayView{v.data(), static_cast<int64_t>(v.size())}; };
    int64_t begin = 0;
    for (const int64_t size : sizes) {
      OwnedHistogram& histogram = host.emplace_back(sample.view().width(), size > kPackedRows);
      build_histogram(cpu, sample.view(), {index.data() + begin, size}, histogram.view);
      device.emplace_back(exec, histogram.view);
      SplitNode node{histogram.view, total_of(sample.view(), histogram.view), -1e308, 1e308, all(columns), all(categories), seed + nodes.size()};
      if (nodes.size() % 3 == 1) node.columns = {columns.data() + 1, static_cast<int64_t>(columns.size()) - 1};
      nodes.push_back(node);
      begin += size;
    }
  }

  void expect_same(Exec& cpu, Exec& exec, const SplitRules& rules, RoundScale scale) {
    const ResidentRows rows(exec, sample);
    const DeviceBuffer<int32_t> device_categories(exec, categories.data(), static_cast<int64_t>(categories.size()));
    const DeviceBuffer<int8_t> monotone(exec, rules.monotone.data, rules.monotone.size);
    std::vector<SplitNode> on_device = nodes;
    for (size_t k = 0; k < nodes.size(); ++k) on_device[k].histogram = device[k].view();
    const bool some = std::any_of(categories.begin(), categories.end(), [](int32_t count) { return count > 0; });
    const std::vector<Split> got = gpu::find_splits(exec, rows.view(), {device_categories.data(), rules.monotone.size > 0 ? monotone.data() : nullptr},
                                                    some, on_device, rules, scale);
    ASSERT_EQ(got.size(), nodes.size());
    for (size_t k = 0; k < nodes.size(); ++k) {
      SCOPED_TRACE(testing::Message() << "node " << k);
      const Split want = find_split(cpu, sample.view(), nodes[k], rules, scale);
      EXPECT_EQ(got[k].column, want.column);
      EXPECT_EQ(got[k].code, want.code);
      EXPECT_EQ(got[k].category, want.category);
      EXPECT_EQ(got[k].missing_left, want.missing_left);
      EXPECT_EQ(got[k].left, want.left);
      EXPECT_EQ(got[k].left_sums, want.left_sums);
      EXPECT_EQ(got[k].gain, want.gain) << "bit for bit";
      parted += want.column >= 0;
    }
  }
  int parted = 0;
};

TEST_P(SplitNodes, FindTheCpusSplitsOfNumbers) {
  NodeCases cases(cpu(), exec(), {256, 2, 31, 1, 200, 33, 64, 5}, {}, {3, 40, 900, 150, 77, kPackedRows + 9}, 11);
  const std::vector<int8_t> directions{1, -1, 0, 0, -1, 1, 0, 1};
  for (const double alpha : {0.0, 40.0}) {
    for (const double step : {0.0, 0.3}) {
      for (const bool monotone : {false, true}) {
        for (const bool drawn : {false, true}) {
          SCOPED_TRACE(testing::Message() << "alpha " << alpha << ", step " << step << ", monotone " << monotone << ", drawn " << drawn);
          SplitRules rules;
          rules.lambda_l2 = 1.5;
          rules.lambda_l1 = alpha;
          rules.max_delta_step = step;
          rules.min_child_rows = alpha > 0 ? 5 : 1;
          rules.random_thresholds = drawn;
          rules.seed = 4;
          if (monotone) rules.monotone = {directions.data(), static_cast<int64_t>(directions.size())};
          cases.expect_same(cpu(), exec(), rules, {0.01, 0.003});
        }
      }
    }
  }
  EXPECT_GT(cases.parted, 40);
}

TEST_P(SplitNodes, BreakTiesAsTheCpu) {
  NodeCases cases(cpu(), exec(), {5, 5, 5, 5}, {}, {400}, 3);
  for (const bool missing : {false, true}) {
    for (int64_t i = 0; i < 400; ++i) {
      // Rows of code 2 and 4, some missing and in the middle: left and right are alike.
      const int64_t kind = missing ? i % 4 : i % 2;
      for (int32_t j = 0; j < 4; ++j) cases.sample.records[static_cast<size_t>(i * cases.sample.stride + j)] = static_cast<uint8_t>(kind >= 2 ? 0 : kind ? 4 : 2);
      cases.sample.view().word(i) = gradient_word(kind >= 2 ? 0 : kind ? 7 : -7, 1);
    }
    std::vector<uint32_t> index(400);
    std::iota(index.begin(), index.end(), 0u);
    build_histogram(cpu(), cases.sample.view(), {index.data(), 400}, cases.host[0].view);
    cases.device[0] = DeviceHistogram(exec(), cases.host[0].view);
    cases.nodes[0].total = total_of(cases.sample.view(), cases.host[0].view);
    const Split split = find_split(cpu(), cases.sample.view(), cases.nodes[0], {}, {});
    EXPECT_EQ(split.column, 0);
    EXPECT_EQ(split.code, 2);
    EXPECT_EQ(split.missing_left, !missing) << "right where the node has missing values and either is as good";
    cases.expect_same(cpu(), exec(), {}, {});
  }
}

TEST_P(SplitNodes, OrderCategoriesOfEqualMeansByTheirCodes) {
  NodeCases cases(cpu(), exec(), {7}, {6}, {1}, 13);
  const std::vector<Sums> cells{{}, {30, 15, 40}, {-20, 10, 30}, {-10, 5, 20}, {-40, 20, 60}, {20, 10, 35}, {60, 30, 80}};
  cases.nodes[0].total = {};
  for (size_t code = 0; code < cells.size(); ++code) {
    cases.host[0].packed[code] = pack(cells[code]);
    cases.nodes[0].total += cells[code];
  }
  cases.device[0] = DeviceHistogram(exec(), cases.host[0].view);
  SplitRules rules;
  rules.max_cat_to_onehot = 0;
  rules.max_cat_threshold = 1;  // the first or the last of the order, which equal means decide
  rules.cat_smooth = rules.cat_l2 = 0;
  rules.min_data_per_group = 1;
  EXPECT_TRUE(find_split(cpu(), cases.sample.view(), cases.nodes[0], rules, {}).category);
  cases.expect_same(cpu(), exec(), rules, {});
  rules.max_cat_threshold = 2;
  cases.expect_same(cpu(), exec(), rules, {});
}

TEST_P(SplitNodes, FindTheCpusSplitsOfCategories) {
  NodeCases cases(cpu(), exec(), {256, 4, 40, 9, 120}, {255, 3, 0, 8, 119}, {6, 300, 2000, 90, kPackedRows + 1}, 12);
  for (const int onehot : {0, 4, 300}) {
    for (const int threshold : {1, 32, 200}) {
      for (const double smooth : {0.0, 10.0}) {
        SCOPED_TRACE(testing::Message() << "onehot " << onehot << ", threshold " << threshold << ", smooth " << smooth);
        SplitRules rules;
        rules.lambda_l2 = 1;
        rules.max_cat_to_onehot = onehot;
        rules.max_cat_threshold = threshold;
        rules.cat_smooth = smooth;
        rules.min_data_per_group = smooth > 0 ? 30 : 1;
        cases.expect_same(cpu(), exec(), rules, {0.02, 0.004});
      }
    }
  }
  EXPECT_GT(cases.parted, 50);
}

}  // namespace
}  // namespace crisp
