// GPU engine of growing: one block a tree, the same draws and the same arithmetic as the CPU engine, so the same forest.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256;
  static constexpr int kWarps = kThreads / kWarp;
  static constexpr int64_t kScratchBytes = int64_t{512} << 20;  // of the trees in flight
};

/// A range of the tree's points that becomes a node.
struct Pending {
  int first, last, depth, parent;  // parent: the node whose right child this is; -1 for a left child or the root
};

/// Global memory of the trees in flight; every array holds one part per tree, one after the other.
struct BuildMemory {
  float* points;       ///< samples x columns
  float* boxes;        ///< (kWarps + 1) x 2 x columns: a box per warp, then the joined one
  double* block_sum;   ///< a double per 32 columns
  int32_t* order;      ///< 2 x samples: points in the tree's order, and room for the right halves
  int64_t* taken;      ///< samples: rows drawn so far
  Pending* pending;    ///< samples + 1
  // Results, a tree's capacity apart: 2 x samples nodes, samples leaves.
  int32_t* cut_dimension;
  float* cut_value;
  int32_t* right;
  int32_t* mass;
  float* leaf_points;
  int32_t* node_count;
};

struct BuildSize {
  int64_t columns, samples, sum_blocks;
  uint64_t seed;
  int64_t first_tree;
};

/// One tree's part of the memory.
__device__ BuildMemory part_of(const BuildMemory& all, const BuildSize& size, int64_t slot) {
  const int64_t s = size.samples, c = size.columns;
  return {all.points + slot * s * c, all.boxes + slot * (Tuning::kWarps + 1) * 2 * c,
          all.block_sum + slot * size.sum_blocks, all.order + slot * 2 * s, all.taken + slot * s,
          all.pending + slot * (s + 1), all.cut_dimension + slot * 2 * s, all.cut_value + slot * 2 * s,
          all.right + slot * 2 * s, all.mass + slot * 2 * s, all.leaf_points + slot * s * c, all.node_count + slot};
}

/// Floyd's sampling; the block looks up together whether a row is taken already. The caller's next barrier ends it.
__device__ void draw_points(MatrixView<const float> rows, const BuildSize& size, int64_t tree, const BuildMemory& m) {
  const auto thread = static_cast<int>(threadIdx.x);
  for (int64_t k = 0; k < size.samples; ++k) {
    const int64_t j = rows.rows - size.samples + k;
    const int64_t candidate = rcf::sample_candidate(size.seed, tree, j);
    bool found = false;
    for (int64_t i = thread; i < k; i += blockDim.x) found |= m.taken[i] == candidate;
    const bool taken = __syncthreads_or(found);
    if (thread == 0) m.taken[k] = taken ? j : candidate;
    __syncthreads();
  }
  for (int64_t k = warp_index(); k < size.samples; k += Tuning::kWarps) {
    const float* from = rows.row(m.taken[k]);
    for (int64_t c = lane_index(); c < size.columns; c += kWarp) m.points[k * size.columns + c] = from[c] + 0.0f;
    if (lane_index() == 0) m.order[k] = static_cast<int32_t>(k);
  }
}

/// The box of the range's points, into the last of m.boxes: warps share the points, lanes the columns. Minimum and
/// maximum do not depend on the order, so this equals the CPU's pass.
__device__ void find_box(const Pending& range, int64_t columns, const BuildMemory& m) {
  const int used = min(Tuning::kWarps, range.last - range.first);
  if (warp_index() < used) {
    float* low = m.boxes + warp_index() * 2 * columns;
    float* high = low + columns;
    for (int64_t c = lane_index(); c < columns; c += kWarp) {
      float lowest = m.points[m.order[range.first + warp_index()] * columns + c], highest = lowest;
      for (int i = range.first + warp_index() + used; i < range.last; i += used) {
        rcf::extend_box(&lowest, &highest, m.points + m.order[i] * columns + c, 1);
      }
      low[c] = lowest;
      high[c] = highest;
    }
  }
  __syncthreads();
  float* box = m.boxes + Tuning::kWarps * 2 * columns;
  for (int64_t c = threadIdx.x; c < columns; c += blockDim.x) {
    float lowest = m.boxes[c], highest = m.boxes[columns + c];
    for (int w = 1; w < used; ++w) {
      lowest = rcf::min_of(m.boxes[w * 2 * columns + c], lowest);
      highest = rcf::max_of(m.boxes[(w * 2 + 1) * columns + c], highest);
    }
    box[c] = lowest;
    box[columns + c] = highest;
  }
  __syncthreads();
}

/// Stable partition of the range's points by the cut; returns where the right ones begin. `scratch` as block_rank wants.
/// The caller's next barrier ends it.
__device__ int split(const Pending& range, const rcf::Cut& cut, int64_t columns, const BuildMemory& m, int64_t samples,
                     int* scratch) {
  int32_t* aside = m.order + samples;
  int lefts = 0;
  for (int chunk = range.first; chunk < range.last; chunk += Tuning::kThreads) {
    const int i = chunk + static_cast<int>(threadIdx.x);
    const bool there = i < range.last;
    const int32_t point = there ? m.order[i] : 0;
    const bool left = there && m.points[point * columns + cut.dimension] <= cut.value;
    const Prefix<int> rank = block_rank(left, scratch);
    // Every place written here was read by this block before block_rank's barriers.
    if (left) m.order[range.first + lefts + rank.before] = point;
    if (there && !left) aside[i - range.first - lefts - rank.before] = point;
    lefts += rank.total;
    __syncthreads();
  }
  const int middle = range.first + lefts;
  for (int i = middle + static_cast<int>(threadIdx.x); i < range.last; i += Tuning::kThreads) {
    m.order[i] = aside[i - middle];
  }
  return middle;
}

/// Grows tree first_tree + blockIdx.x. rows: n x columns; results: arrays of the tree in preorder, as on the CPU.
/// Owner: one block a tree; within a node warps share points and lanes share columns; thread 0 draws the cut and keeps
/// the stack of pending ranges (depth first, left before right).
/// Shared (static): 32 ints for ranks, one range and one cut: under 200 bytes on every card. The tree's points (200 x 29
/// floats: 23 KB) stay in L1.
/// Memory: rows gathered once, coalesced over columns; everything else is the tree's own few tens of KB.
/// Regime: many small trees at once; the serial draw of a cut (one thread, `columns` steps) bounds very wide rows.
__global__ void __launch_bounds__(Tuning::kThreads) grow_trees(MatrixView<const float> rows, BuildSize size,
                                                               BuildMemory all) {
  __shared__ int scratch[kMaxWarps];
  __shared__ Pending range_of_block;
  __shared__ rcf::Cut cut_of_block;
  const int64_t tree = size.first_tree + blockIdx.x, columns = size.columns;
  const BuildMemory m = part_of(all, size, blockIdx.x);
  draw_points(rows, size, tree, m);
  int node = 0, leaf = 0, waiting = 1;  // the same in every thread
  if (threadIdx.x == 0) m.pending[0] = {0, static_cast<int>(size.samples), 0, -1};
  while (waiting > 0) {
    --waiting;
    if (threadIdx.x == 0) range_of_block = m.pending[waiting];
    __syncthreads();
    const Pending range = range_of_block;
    find_box(range, columns, m);
    const float* box = m.boxes + Tuning::kWarps * 2 * columns;
    if (threadIdx.x == 0) {
      const double draw = rcf::cut_draw(size.seed, tree, range.depth, range.first);
      const rcf::Cut cut = rcf::choose_cut(box, box + columns, columns, draw, m.block_sum);
      cut_of_block = cut;
      if (range.parent >= 0) m.right[range.parent] = node;
      m.cut_dimension[node] = cut.dimension;
      m.cut_value[node] = cut.value;
      m.right[node] = 0;
      m.mass[node] = range.last - range.first;
    }
    __syncthreads();
    const rcf::Cut cut = cut_of_block;
    if (cut.dimension < 0) {
      for (int64_t c = threadIdx.x; c < columns; c += blockDim.x) m.leaf_points[leaf * columns + c] = box[c];
      ++leaf;
    } else {
      const int middle = split(range, cut, columns, m, size.samples, scratch);
      if (threadIdx.x == 0) {
        m.pending[waiting] = {middle, range.last, range.depth + 1, node};
        m.pending[waiting + 1] = {range.first, middle, range.depth + 1, -1};
      }
      waiting += 2;
    }
    ++node;
    __syncthreads();
  }
  if (threadIdx.x == 0) *m.node_count = node;
}

/// Device memory for `trees` trees at once, and their results on the host.
class TreeBatch {
 public:
  TreeBatch(Exec& exec, int64_t trees, const BuildSize& size)
      : size_(size),
        points_(exec, trees * size.samples * size.columns),
        boxes_(exec, trees * (Tuning::kWarps + 1) * 2 * size.columns),
        block_sum_(exec, trees * size.sum_blocks),
        order_(exec, trees * 2 * size.samples),
        taken_(exec, trees * size.samples),
        pending_(exec, trees * (size.samples + 1)),
        cut_dimension_(exec, trees * 2 * size.samples),
        cut_value_(exec, trees * 2 * size.samples),
        right_(exec, trees * 2 * size.samples),
        mass_(exec, trees * 2 * size.samples),
        leaf_points_(exec, trees * size.samples * size.columns),
        node_count_(exec, trees) {}

  void grow(Exec& exec, MatrixView<const float> rows, int64_t first_tree, int64_t trees, RandomCutForest* forest) {
    size_.first_tree = first_tree;
    const BuildMemory memory{points_.data(), boxes_.data(), block_sum_.data(), order_.data(), taken_.data(),
                             pending_.data(), cut_dimension_.data(), cut_value_.data(), right_.data(), mass_.data(),
                             leaf_points_.data(), node_count_.data()};
    launch(exec, {dim3(static_cast<unsigned>(trees)), dim3(Tuning::kThreads)}, grow_trees, rows, size_, memory);
    append(exec, trees, forest);
  }

 private:
  template <class T>
  static std::vector<T> download(Exec& exec, const DeviceBuffer<T>& buffer) {
    std::vector<T> values(static_cast<size_t>(buffer.size()));
    buffer.download(exec, values.data(), buffer.size());
    return values;
  }

  template <class T>
  static void append(std::vector<T>& to, const std::vector<T>& from, int64_t begin, int64_t count) {
    to.insert(to.end(), from.begin() + begin, from.begin() + begin + count);
  }

  void append(Exec& exec, int64_t trees, RandomCutForest* forest) {
    const auto counts = download(exec, node_count_);
    const auto dimension = download(exec, cut_dimension_), right = download(exec, right_), mass = download(exec, mass_);
    const auto value = download(exec, cut_value_), points = download(exec, leaf_points_);
    for (int64_t t = 0; t < trees; ++t) {
      const int64_t begin = t * 2 * size_.samples, count = counts[static_cast<size_t>(t)], leaves = (count + 1) / 2;
      append(forest->cut_dimension, dimension, begin, count);
      append(forest->cut_value, value, begin, count);
      append(forest->right, right, begin, count);
      append(forest->mass, mass, begin, count);
      append(forest->leaf_points, points, t * size_.samples * size_.columns, leaves * size_.columns);
      forest->tree_begin.push_back(forest->nodes());
    }
  }

  BuildSize size_;
  DeviceBuffer<float> points_, boxes_;
  DeviceBuffer<double> block_sum_;
  DeviceBuffer<int32_t> order_;
  DeviceBuffer<int64_t> taken_;
  DeviceBuffer<Pending> pending_;
  DeviceBuffer<int32_t> cut_dimension_;
  DeviceBuffer<float> cut_value_;
  DeviceBuffer<int32_t> right_, mass_;
  DeviceBuffer<float> leaf_points_;
  DeviceBuffer<int32_t> node_count_;
};

}  // namespace

RandomCutForest build_random_cut_forest(Exec& exec, MatrixView<const float> rows, const RandomCutParams& params,
                                        uint64_t seed) {
  const DeviceMatrixInput<float> in(exec, rows);
  const int64_t samples = std::min(params.samples_per_tree, rows.rows);
  const BuildSize size{rows.columns, samples, (rows.columns + 31) / 32, seed, 0};
  const int64_t tree_bytes = 8 * samples * (rows.columns + 8) + 80 * rows.columns;
  const int64_t batch = std::clamp<int64_t>(Tuning::kScratchBytes / tree_bytes, 1, params.trees);
  TreeBatch trees(exec, batch, size);
  RandomCutForest forest;
  forest.columns = rows.columns;
  forest.tree_begin = {0};
  for (int64_t first = 0; first < params.trees; first += batch) {
    trees.grow(exec, in.view(), first, std::min(batch, params.trees - first), &forest);
  }
  return forest;
}

}  // namespace crisp::gpu
