// GPU engine of leaf values: each score gets one float addition a tree, so the same bits as on the CPU.
#include <algorithm>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/launch.h"
#include "kernels/histogram/leaf_values_gpu.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256;
  static constexpr int64_t kChunk = 4096;  // rows of a block
};

/// Rows index[begin, begin + rows) of a leaf.
struct LeafChunk {
  int64_t begin, rows;
  float value;
};

/// scores(index[i], output) += the leaf's value. Owner: a block a chunk of a leaf, a thread rows at a stride; a row is in one leaf.
/// No shared memory. Memory: 4 bytes of index a row, coalesced, and its score read and written: a sector of 32 bytes each, for a leaf's
/// rows ascend but lie apart. Regime: leaves of any size.
__global__ void __launch_bounds__(Tuning::kThreads)
    add_chunks(const LeafChunk* chunks, const uint32_t* index, MatrixView<float> scores, int64_t output) {
  const LeafChunk chunk = chunks[blockIdx.x];
  for (int64_t i = threadIdx.x; i < chunk.rows; i += Tuning::kThreads) scores.at(index[chunk.begin + i], output) += chunk.value;
}

/// An inner node, or a leaf (left < 0) with its value.
struct WalkNode {
  int32_t left, right, byte;
  float value;
  uint32_t goes_left[8];  ///< a bit a value of the byte
};

/// scores(i, output) += the value of the leaf that record i reaches. A thread a row; nodes come from L1 and L2.
struct WalkRow {
  const WalkNode* nodes;
  MatrixView<const uint8_t> records;
  MatrixView<float> scores;
  int64_t output;
  CRISP_HD void operator()(int64_t i) const {
    const uint8_t* record = records.row(i);
    const WalkNode* node = nodes;
    while (node->left >= 0) {
      const int value = record[node->byte];
      node = nodes + ((node->goes_left[value / 32] >> (value % 32) & 1u) != 0 ? node->left : node->right);
    }
    scores.at(i, output) += node->value;
  }
};

}  // namespace

void add_leaf_values(Exec& exec, const GrownTree& grown, ArrayView<const uint32_t> index, MatrixView<float> scores, int64_t output) {
  std::vector<LeafChunk> chunks;
  for (size_t k = 0; k < grown.nodes.size(); ++k) {
    const GrownNode& node = grown.nodes[k];
    if (node.left >= 0) continue;
    for (int64_t at = 0; at < node.rows; at += Tuning::kChunk) {
      chunks.push_back({node.begin + at, std::min(Tuning::kChunk, node.rows - at), grown.values[k]});
    }
  }
  if (chunks.empty()) return;
  const DeviceBuffer<LeafChunk> device(exec, chunks.data(), static_cast<int64_t>(chunks.size()));
  launch(exec, {dim3(static_cast<unsigned>(chunks.size())), dim3(Tuning::kThreads)}, add_chunks, device.data(), index.data, scores, output);
}

void add_tree_values(Exec& exec, const GrownTree& grown, MatrixView<const uint8_t> records, MatrixView<float> scores, int64_t output) {
  std::vector<WalkNode> nodes;
  for (size_t k = 0; k < grown.nodes.size(); ++k) {
    const GrownNode& from = grown.nodes[k];
    WalkNode node{from.left, from.right, from.split.place.byte, grown.values[k], {}};
    const CodeSides sides = sides_of_byte(from.split.place, from.split.left);
    for (size_t value = 0; value < sides.size(); ++value) {
      if (sides[value]) node.goes_left[value / 32] |= 1u << (value % 32);
    }
    nodes.push_back(node);
  }
  const DeviceBuffer<WalkNode> device(exec, nodes.data(), static_cast<int64_t>(nodes.size()));
  launch_rows(exec, scores.rows, WalkRow{device.data(), records, scores, output});
}

}  // namespace crisp::gpu
