// A forest from a file is checked whole before anything follows its indices.
#include <vector>

#include "cuda/error.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp {
namespace {

template <class... Parts>
[[noreturn]] void fail_node(int64_t tree, int64_t node, const Parts&... parts) {
  fail(Code::data, "random cut forest: tree ", tree, ", node ", node, ": ", parts...);
}

void check_sizes(const RandomCutForest& forest) {
  const auto require = [](bool condition, const char* what) {
    CRISP_REQUIRE(condition, Code::data, "random cut forest: ", what);
  };
  const size_t nodes = forest.mass.size();
  require(forest.columns > 0 && forest.columns <= (int64_t{1} << 30),
          "the number of columns is out of range");
  require(forest.trees() > 0, "there are no trees");
  require(forest.cut_dimension.size() == nodes && forest.cut_value.size() == nodes &&
              forest.right.size() == nodes,
          "the arrays of nodes differ in length");
  require(forest.tree_begin.front() == 0 && forest.tree_begin.back() == forest.nodes(),
          "the trees do not cover the nodes");
  int64_t leaves = 0;
  for (const int32_t dimension : forest.cut_dimension) leaves += dimension < 0;
  require(static_cast<uint64_t>(leaves) * static_cast<uint64_t>(forest.columns) == forest.leaf_points.size(),
          "leaf_points has another size than leaves x columns");
}

class TreeCheck {
 public:
  TreeCheck(const RandomCutForest& forest, int64_t tree, int64_t leaf)
      : forest_(forest),
        tree_(tree),
        begin_(forest.tree_begin[tree]),
        nodes_(forest.tree_begin[tree + 1] - begin_),
        leaf_(leaf),
        parent_(nodes_, -1) {}

  /// Returns how many leaves the tree has.
  int64_t check() {
    for (int64_t node = 0; node < nodes_; ++node) check_cut(node);
    check_preorder();
    check_mass();
    int64_t leaves = 0;
    for (int64_t node = 0; node < nodes_; ++node) {
      if (dimension(node) < 0) check_point(node, leaf_ + leaves++);
    }
    return leaves;
  }

 private:
  int32_t dimension(int64_t node) const { return forest_.cut_dimension[begin_ + node]; }
  int32_t right(int64_t node) const { return forest_.right[begin_ + node]; }
  int32_t mass(int64_t node) const { return forest_.mass[begin_ + node]; }
  float cut(int64_t node) const { return forest_.cut_value[begin_ + node]; }

  void check_cut(int64_t node) const {
    if (dimension(node) < -1 || dimension(node) >= forest_.columns) {
      fail_node(tree_, node, "cuts column ", dimension(node), " of ", forest_.columns);
    }
    if (!(rcf::abs_of(cut(node)) <= rcf::kLargestValue))
      fail_node(tree_, node, "the cut is not a finite number");
    if (dimension(node) >= 0 && (right(node) <= node + 1 || right(node) >= nodes_)) {
      fail_node(tree_, node, "the right child ", right(node), " is not between ", node + 2, " and ",
                nodes_ - 1);
    }
  }

  // In preorder a leaf is followed by the right child that has waited the shortest: that alone makes every
  // node the child of exactly one parent.
  void check_preorder() {
    std::vector<int64_t> waiting;
    for (int64_t node = 0; node < nodes_; ++node) {
      if (dimension(node) >= 0) {
        parent_[node + 1] = node;
        waiting.push_back(node);
        continue;
      }
      const int64_t expected = waiting.empty() ? nodes_ : right(waiting.back());
      if (expected != node + 1) fail_node(tree_, node, "the nodes after this leaf are not in preorder");
      if (waiting.empty()) return;
      parent_[node + 1] = waiting.back();
      waiting.pop_back();
    }
    fail_node(tree_, nodes_ - 1, "the tree ends before all children are there");
  }

  void check_mass() const {
    for (int64_t node = 0; node < nodes_; ++node) {
      if (mass(node) < 1 || mass(node) > rcf::kMaxSamples) {
        fail_node(tree_, node, "the mass ", mass(node), " is not between 1 and ", rcf::kMaxSamples);
      }
    }
    for (int64_t node = 0; node < nodes_; ++node) {
      if (dimension(node) >= 0 && mass(node) != mass(node + 1) + mass(right(node))) {
        fail_node(tree_, node, "the mass ", mass(node), " is not the sum of its children's");
      }
    }
  }

  void check_point(int64_t node, int64_t leaf) const {
    const float* point = forest_.leaf_points.data() + leaf * forest_.columns;
    for (int64_t c = 0; c < forest_.columns; ++c) {
      if (!(rcf::abs_of(point[c]) <= rcf::kLargestValue))
        fail_node(tree_, node, "column ", c, " of the point is not finite");
    }
    for (int64_t child = node, up = parent_[node]; up >= 0; child = up, up = parent_[up]) {
      const bool left = point[dimension(up)] <= cut(up);
      if (left != (child == up + 1))
        fail_node(tree_, node, "the point lies on the wrong side of the cut of node ", up);
    }
  }

  const RandomCutForest& forest_;
  int64_t tree_, begin_, nodes_, leaf_;
  std::vector<int64_t> parent_;
};

}  // namespace

void check_random_cut_forest(const RandomCutForest& forest) {
  check_sizes(forest);
  int64_t leaf = 0;
  for (int64_t tree = 0; tree < forest.trees(); ++tree) {
    const int64_t begin = forest.tree_begin[tree], end = forest.tree_begin[tree + 1];
    if (begin < 0 || end > forest.nodes() || end <= begin || end - begin >= 2 * rcf::kMaxSamples) {
      fail(Code::data, "random cut forest: tree ", tree, " has the nodes ", begin, " to ", end, " of ",
           forest.nodes(), ": expected between 1 and ", 2 * rcf::kMaxSamples - 1);
    }
    leaf += TreeCheck(forest, tree, leaf).check();
  }
}

}  // namespace crisp
