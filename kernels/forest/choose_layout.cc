#include "kernels/forest/choose_layout.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "cuda/random.h"
#include "kernels/forest/mask_sum.h"
#include "kernels/forest/walk.h"

namespace crisp::forest {
namespace {

constexpr int kTries = 3;
constexpr int64_t kWalkRows = 64;

/// Every row takes values that its forest asks about, so that its ways through the trees are as different as those of data.
std::vector<float> sample_rows(const NodeTable& table) {
  std::vector<float> rows(static_cast<size_t>(kMaskRows * table.columns), 0.0f);
  const auto nodes = static_cast<uint64_t>(table.nodes.size());
  const int64_t draws = std::min<int64_t>(4 * table.columns, 256);
  for (int64_t i = 0; i < kMaskRows * draws; ++i) {
    const Node& node = table.nodes[random_below(0, 0, static_cast<uint64_t>(i), nodes)];
    if (std::isfinite(node.threshold)) rows[i / draws * table.columns + (node.split & kFeature)] = node.threshold;
  }
  return rows;
}

double least_seconds(const auto& work) {
  using Clock = std::chrono::steady_clock;
  double least = INFINITY;
  for (int i = 0; i < kTries; ++i) {
    const Clock::time_point start = Clock::now();
    work();
    least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return least;
}

}  // namespace

SumLayout choose_layout(const NodeTable& table) {
  if (table.trees() == 0 || table.columns == 0) return {};
  SumLayout layout{make_mask_plan(table), 0};
  if (!layout.masks) return layout;
  const std::vector<float> values = sample_rows(table);
  const MatrixView<const float> rows{values.data(), kMaskRows, table.columns, table.columns};
  std::vector<double> sums(static_cast<size_t>(kMaskRows * table.outputs));
  const MatrixView<double> out{sums.data(), kMaskRows, table.outputs, table.outputs};
  const double block = least_seconds([&] { mask_sum(*layout.masks, rows, 0, kMaskRows, out); });
  const double row = least_seconds([&] { walk_sum(table, rows, 0, kWalkRows, out); }) / kWalkRows;
  layout.least_rows = static_cast<int64_t>(std::ceil(block / std::max(row, 1e-12)));
  if (layout.least_rows > kMaskRows) layout.masks.reset();
  return layout;
}

}  // namespace crisp::forest
