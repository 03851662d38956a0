// Growing: one task a tree. The points of a tree are copied once; nodes are split depth first, left before
// right, which is the order they are stored in.
#include <algorithm>
#include <limits>
#include <unordered_set>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp {
namespace {

struct Tree {
  std::vector<int32_t> cut_dimension, right, mass;
  std::vector<float> cut_value, leaf_points;
};

/// A range of the tree's points that becomes a node.
struct Pending {
  int first, last;
  int depth;
  int parent;  // the node whose right child this is; -1 for a left child or the root
};

class TreeBuilder {
 public:
  TreeBuilder(MatrixView<const float> rows, int64_t samples, uint64_t seed, int64_t tree)
      : rows_(rows),
        seed_(seed),
        tree_(tree),
        low_(rows.columns),
        high_(rows.columns),
        block_sum_((rows.columns + 31) / 32) {
    draw_points(samples);
  }

  Tree grow() {
    std::vector<Pending> pending = {{0, static_cast<int>(order_.size()), 0, -1}};
    while (!pending.empty()) {
      const Pending range = pending.back();
      pending.pop_back();
      const int node = static_cast<int>(out_.mass.size());
      if (range.parent >= 0) out_.right[range.parent] = node;
      const rcf::Cut cut = cut_of(range);
      add_node(cut, range);
      if (cut.dimension < 0) continue;
      const int middle = split(range, cut);
      pending.push_back({middle, range.last, range.depth + 1, node});
      pending.push_back({range.first, middle, range.depth + 1, -1});
    }
    return std::move(out_);
  }

 private:
  void draw_points(int64_t samples) {
    std::unordered_set<int64_t> taken;
    points_.resize(samples * rows_.columns);
    for (int64_t k = 0; k < samples; ++k) {
      const int64_t j = rows_.rows - samples + k;
      int64_t row = rcf::sample_candidate(seed_, tree_, j);
      if (!taken.insert(row).second) taken.insert(row = j);
      float* to = points_.data() + k * rows_.columns;
      for (int64_t c = 0; c < rows_.columns; ++c) to[c] = rows_.at(row, c) + 0.0f;  // -0 becomes 0
      order_.push_back(static_cast<int>(k));
    }
  }

  const float* point(int position) const { return points_.data() + order_[position] * rows_.columns; }

  rcf::Cut cut_of(const Pending& range) {
    const int64_t columns = rows_.columns;
    std::copy_n(point(range.first), columns, low_.data());
    std::copy_n(point(range.first), columns, high_.data());
    for (int i = range.first + 1; i < range.last; ++i)
      rcf::extend_box(low_.data(), high_.data(), point(i), columns);
    const double draw = rcf::cut_draw(seed_, tree_, range.depth, range.first);
    return rcf::choose_cut(low_.data(), high_.data(), columns, draw, block_sum_.data());
  }

  void add_node(const rcf::Cut& cut, const Pending& range) {
    out_.cut_dimension.push_back(cut.dimension);
    out_.cut_value.push_back(cut.value);
    out_.right.push_back(0);
    out_.mass.push_back(range.last - range.first);
    if (cut.dimension < 0) {
      out_.leaf_points.insert(out_.leaf_points.end(), low_.begin(), low_.end());
    }
  }

  int split(const Pending& range, const rcf::Cut& cut) {
    const auto begin = order_.begin();
    const auto middle = std::stable_partition(begin + range.first, begin + range.last, [&](int i) {
      return points_[i * rows_.columns + cut.dimension] <= cut.value;
    });
    return static_cast<int>(middle - begin);
  }

  MatrixView<const float> rows_;
  uint64_t seed_;
  int64_t tree_;
  std::vector<float> points_, low_, high_;
  std::vector<double> block_sum_;
  std::vector<int> order_;
  Tree out_;
};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

RandomCutForest build_random_cut_forest(Exec& exec, MatrixView<const float> rows,
                                        const RandomCutParams& params, uint64_t seed) {
  CRISP_REQUIRE(rows.rows > 0 && rows.columns > 0, Code::data,
                "a random cut forest needs rows and columns, got ", rows.rows, " x ", rows.columns);
  CRISP_ASSERT(params.trees > 0 && params.samples_per_tree > 0);
  CRISP_ASSERT(params.samples_per_tree <= rcf::kMaxSamples);
  const NvtxRange range("random_cut_forest.build");
  require_finite_rows(exec, rows);
  if (exec.is_cuda()) return gpu::build_random_cut_forest(exec, rows, params, seed);
  const int64_t samples = std::min(params.samples_per_tree, rows.rows);
  std::vector<Tree> trees(params.trees);
  exec.threads().run(params.trees, [&](int64_t t) { trees[t] = TreeBuilder(rows, samples, seed, t).grow(); });

  RandomCutForest forest;
  forest.columns = rows.columns;
  forest.tree_begin = {0};
  for (const Tree& tree : trees) {
    append(forest.cut_dimension, tree.cut_dimension);
    append(forest.cut_value, tree.cut_value);
    append(forest.right, tree.right);
    append(forest.mass, tree.mass);
    append(forest.leaf_points, tree.leaf_points);
    forest.tree_begin.push_back(forest.nodes());
  }
  return forest;
}

}  // namespace crisp
