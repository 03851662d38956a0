#include "kernels/histogram/leaf_values.h"

#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/histogram/leaf_values_gpu.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 16384;

/// Each node's sides by the byte that it looks at.
std::vector<CodeSides> sides_of_nodes(const GrownTree& grown) {
  std::vector<CodeSides> sides;
  for (const GrownNode& node : grown.nodes) sides.push_back(sides_of_byte(node.split.place, node.split.left));
  return sides;
}

/// The leaf that a record reaches: its place among the nodes.
size_t leaf_of(const GrownTree& grown, const std::vector<CodeSides>& sides, const uint8_t* record) {
  size_t node = 0;
  while (grown.nodes[node].left >= 0) {
    const GrownNode& at = grown.nodes[node];
    node = static_cast<size_t>(sides[node][record[at.split.place.byte]] ? at.left : at.right);
  }
  return node;
}

}  // namespace

void add_leaf_values(Exec& exec, const GrownTree& grown, ArrayView<const uint32_t> index, MatrixView<float> scores, int64_t output) {
  CRISP_ASSERT(grown.values.size() == grown.nodes.size());
  const NvtxRange range("add_leaf_values");
  if (exec.is_cuda()) return gpu::add_leaf_values(exec, grown, index, scores, output);
  exec.threads().run(static_cast<int64_t>(grown.nodes.size()), [&](int64_t k) {
    const GrownNode& node = grown.nodes[static_cast<size_t>(k)];
    if (node.left >= 0) return;
    const float value = grown.values[static_cast<size_t>(k)];
    for (int64_t i = node.begin; i < node.begin + node.rows; ++i) scores.at(index[i], output) += value;
  });
}

void add_tree_values(Exec& exec, const GrownTree& grown, MatrixView<const uint8_t> records, MatrixView<float> scores, int64_t output) {
  CRISP_ASSERT(grown.values.size() == grown.nodes.size() && records.rows == scores.rows);
  const NvtxRange range("add_tree_values");
  if (exec.is_cuda()) return gpu::add_tree_values(exec, grown, records, scores, output);
  const std::vector<CodeSides> sides = sides_of_nodes(grown);
  exec.threads().for_ranges(scores.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) scores.at(i, output) += grown.values[leaf_of(grown, sides, records.row(i))];
  });
}

}  // namespace crisp
