// Boxes, depths and the constants of every node, from the leaves' points. Children have larger numbers than
// their parents, so one pass down gives depths and one pass up gives boxes.
#include <algorithm>

#include "kernels/anomaly/random_cut_forest.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp {
namespace {

void number_nodes(const RandomCutForest& forest, ForestTables& out) {
  out.ordinal.resize(forest.nodes());
  int32_t leaves = 0, internal = 0;
  for (int64_t i = 0; i < forest.nodes(); ++i)
    out.ordinal[i] = forest.cut_dimension[i] < 0 ? leaves++ : internal++;
}

void resize(const RandomCutForest& forest, ForestTables& out) {
  const int64_t nodes = forest.nodes(), leaves = forest.leaves(), internal = nodes - leaves;
  out.stride = rcf::padded(forest.columns);
  out.parent.resize(nodes);
  out.depth.resize(nodes);
  out.unseen.resize(nodes);
  out.seen.resize(leaves);
  out.range.resize(internal);
  out.boxes.resize(internal * out.stride * 2, 0.0f);
  out.points.resize(leaves * out.stride, 0.0f);
  out.normaliser.resize(forest.trees());
}

/// The tables of one tree, by its nodes' numbers within it.
class TreeTables {
 public:
  TreeTables(const RandomCutForest& forest, ForestTables& out, int64_t tree)
      : forest_(forest),
        out_(out),
        begin_(forest.tree_begin[tree]),
        nodes_(forest.tree_begin[tree + 1] - begin_) {}

  void derive() {
    link();
    for (int64_t node = nodes_ - 1; node >= 0; --node) is_leaf(node) ? set_leaf(node) : set_box(node);
  }

 private:
  bool is_leaf(int64_t node) const { return forest_.cut_dimension[begin_ + node] < 0; }

  void link() {
    out_.parent[begin_] = -1;
    out_.depth[begin_] = 0;
    for (int64_t node = 0; node < nodes_; ++node) {
      const int32_t depth = out_.depth[begin_ + node];
      out_.unseen[begin_ + node] = rcf::unseen_score(depth);
      if (is_leaf(node)) continue;
      for (const int64_t child : {node + 1, static_cast<int64_t>(forest_.right[begin_ + node])}) {
        out_.parent[begin_ + child] = static_cast<int32_t>(node);
        out_.depth[begin_ + child] = depth + 1;
      }
    }
  }

  void set_leaf(int64_t node) {
    const int64_t leaf = out_.ordinal[begin_ + node], at = begin_ + node;
    std::copy_n(forest_.leaf_points.data() + leaf * forest_.columns, forest_.columns,
                out_.points.data() + leaf * out_.stride);
    out_.seen[leaf] = rcf::seen_score(out_.depth[at], forest_.mass[at], forest_.mass[begin_]);
  }

  void set_box(int64_t node) {
    const int64_t internal = out_.ordinal[begin_ + node];
    float* box = out_.boxes.data() + internal * out_.stride * 2;
    const Sides left = sides(node + 1), right = sides(forest_.right[begin_ + node]);
    for (int64_t c = 0; c < forest_.columns; ++c) {
      box[2 * c] = rcf::min_of(left.low[c * left.step], right.low[c * right.step]);
      box[2 * c + 1] = rcf::max_of(left.high[c * left.step], right.high[c * right.step]);
    }
    out_.range[internal] = rcf::total_range(box, forest_.columns);
  }

  struct Sides {
    const float *low, *high;
    int64_t step;  // between columns
  };

  Sides sides(int64_t node) const {
    const int64_t ordinal = out_.ordinal[begin_ + node];
    if (is_leaf(node)) {
      const float* point = out_.points.data() + ordinal * out_.stride;
      return {point, point, 1};
    }
    const float* box = out_.boxes.data() + ordinal * out_.stride * 2;
    return {box, box + 1, 2};
  }

  const RandomCutForest& forest_;
  ForestTables& out_;
  int64_t begin_, nodes_;
};

}  // namespace

ForestTables derive_tables(Exec& exec, const RandomCutForest& forest) {
  ForestTables out;
  number_nodes(forest, out);
  resize(forest, out);
  exec.threads().run(forest.trees(), [&](int64_t tree) {
    TreeTables(forest, out, tree).derive();
    out.normaliser[tree] = rcf::normaliser(forest.mass[forest.tree_begin[tree]]);
  });
  if (exec.is_cuda()) out.resident = gpu::upload_forest(exec, forest, out);
  return out;
}

}  // namespace crisp
