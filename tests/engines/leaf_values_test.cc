// Leaf values reach the scores of their rows, on every engine the same bits.
#include "kernels/histogram/leaf_values.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "cuda/random.h"
#include "cuda/resident.h"
#include "tests/engine.h"
#include "tests/engines/resident_rows.h"

namespace crisp {
namespace {

class LeafValues : public EngineTest {};
CRISP_TEST_ENGINES(LeafValues);

constexpr int64_t kOutputs = 3;

/// An inner node of column 0 whose right child is one of column 1: three leaves, one of them of no rows.
struct Grown {
  BinnedSample sample;
  std::vector<uint32_t> index;
  GrownTree tree;

  explicit Grown(int64_t rows) : sample(rows, {9, 4}), index(static_cast<size_t>(rows)) {
    const auto code = [&](uint32_t row, int32_t column) { return sample.view().record(row)[column]; };
    std::iota(index.begin(), index.end(), 0u);
    const auto right = std::stable_partition(index.begin(), index.end(), [&](uint32_t row) { return code(row, 0) < 4; });
    const int64_t left_rows = right - index.begin();
    tree.nodes.resize(5);
    const auto part = [&](size_t node, int32_t column, std::array<int32_t, 2> children) {
      std::tie(tree.nodes[node].left, tree.nodes[node].right) = std::pair{children[0], children[1]};
      tree.nodes[node].split.column = tree.nodes[node].split.place.byte = column;
    };
    part(0, 0, {1, 2});
    part(2, 1, {3, 4});
    for (size_t k = 0; k < 256; ++k) tree.nodes[0].split.left[k] = k < 4;
    tree.nodes[2].split.left.fill(1);  // all left: node 4 has no rows
    tree.nodes[1].begin = 0;
    tree.nodes[1].rows = left_rows;
    tree.nodes[3].begin = left_rows;
    tree.nodes[3].rows = rows - left_rows;
    tree.nodes[4].begin = rows;
    tree.values = {0, 0.1f, 0, -1e-3f, 77};
  }
  /// By hand: one float addition a row.
  std::vector<float> scores(std::vector<float> before, int64_t output) {
    for (int64_t i = 0; i < sample.rows; ++i) before[static_cast<size_t>(i * kOutputs + output)] += sample.view().record(i)[0] < 4 ? 0.1f : -1e-3f;
    return before;
  }
};

std::vector<float> some_scores(int64_t rows) {
  std::vector<float> out;
  for (uint64_t i = 0; i < static_cast<uint64_t>(rows * kOutputs); ++i) out.push_back(static_cast<float>(random_uniform(3, 1, i)));
  return out;
}

/// What `add` makes of the scores where `exec` computes.
template <class Add>
std::vector<float> after(Exec& exec, std::vector<float> scores, const Add& add) {
  const auto size = static_cast<int64_t>(scores.size());
  Resident<float> there(exec, scores.data(), size);
  add(MatrixView<float>{there.data(), size / kOutputs, kOutputs, kOutputs});
  there.copy_to_host(exec, scores.data(), size);
  return scores;
}

TEST_P(LeafValues, AreAddedToTheRowsOfEachLeaf) {
  for (const int64_t rows : {1, 33, 5000}) {
    Grown grown(rows);
    const Resident<uint32_t> index(exec(), grown.index.data(), rows);
    const auto add = [&](MatrixView<float> scores) { add_leaf_values(exec(), grown.tree, {index.data(), rows}, scores, 1); };
    EXPECT_EQ(after(exec(), some_scores(rows), add), grown.scores(some_scores(rows), 1)) << rows << " rows";
  }
}

TEST_P(LeafValues, AreAddedToRowsThatWalkDownTheTree) {
  for (const int64_t rows : {1, 33, 5000}) {
    Grown grown(rows);
    const ResidentRows resident(exec(), grown.sample);
    const auto add = [&](MatrixView<float> scores) { add_tree_values(exec(), grown.tree, resident.view().records, scores, 2); };
    EXPECT_EQ(after(exec(), some_scores(rows), add), grown.scores(some_scores(rows), 2)) << rows << " rows";
  }
}

}  // namespace
}  // namespace crisp
