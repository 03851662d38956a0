#include "kernels/forest/shap_plan.h"

#include <algorithm>

namespace crisp::forest {
namespace {

/// Of the rows at node i's parent, the share at node i; half where none came.
double share_of(const TreesView& trees, int64_t begin, int32_t node, int32_t sibling) {
  const double mine = trees.cover[begin + node], other = trees.cover[begin + sibling];
  return mine + other > 0 ? mine / (mine + other) : 0.5;
}

Node question_of(const TreesView& trees, int64_t i) {
  const int32_t set = trees.set[i];
  return {trees.threshold[i],
          static_cast<uint32_t>(trees.feature[i]) | (trees.missing_left[i] ? kMissingLeft : 0u) | (set >= 0 ? kHasSet : 0u), 0, set};
}

/// Lists a tree's edges; with a stack of its own, so that a tree may be as deep as it is large.
class TreeSteps {
 public:
  TreeSteps(const TreesView& trees, ShapPlan& plan) : trees_(trees), plan_(plan), last_depth_(static_cast<size_t>(trees.columns), 0) {}

  void add(int64_t t) {
    begin_ = trees_.first[t];
    path_.assign(1, {0, 0, 1.0, 0, 0});
    distinct_ = most_distinct_ = 0;
    const auto first = static_cast<int64_t>(plan_.step.size());
    while (!path_.empty()) {
      const Level at = path_.back();
      if (trees_.feature[begin_ + at.node] >= 0 && at.children < 2) {
        path_.back().children++;
        enter(at.node, at.children == 1);
      } else {
        leave();
      }
    }
    const int32_t points = std::max(1, (most_distinct_ + 1) / 2);
    plan_.tree.push_back({first, static_cast<int64_t>(plan_.step.size()), points});
    plan_.most_points = std::max(plan_.most_points, points);
    add_tables(first, points);
  }

 private:
  struct Level {
    int32_t node, children;  // children: how many were entered
    double zero;             // the feature's zero fraction from the root to here
    int64_t step;            // that opened it
    int32_t ancestor;
  };

  void enter(int32_t parent, bool right) {
    const int64_t i = begin_ + parent;
    const int32_t child = right ? trees_.right[i] : trees_.left[i], sibling = right ? trees_.left[i] : trees_.right[i];
    int32_t& last = last_depth_[trees_.feature[i]];
    const auto depth = static_cast<int32_t>(path_.size());
    const double share = share_of(trees_, begin_, child, sibling);
    const bool leaf = trees_.feature[begin_ + child] < 0;
    const auto step = static_cast<int64_t>(plan_.step.size());
    plan_.step.push_back({question_of(trees_, i), leaf ? ShapKind::leaf : ShapKind::open, depth, last, right, 0,
                          (begin_ + child) * trees_.values_of_node(), share});
    path_.push_back({child, 0, (last > 0 ? path_[last].zero : 1.0) * share, step, last});
    zero_.resize(plan_.step.size());
    zero_[step] = path_.back().zero;
    distinct_ += last == 0;
    most_distinct_ = std::max(most_distinct_, distinct_);
    last = depth;
    plan_.most_depth = std::max(plan_.most_depth, depth);
  }

  void leave() {
    const Level level = path_.back();
    path_.pop_back();
    if (path_.empty()) return;  // the root
    const ShapStep opened = plan_.step[level.step];
    if (opened.kind == ShapKind::open) {
      plan_.step.push_back(opened);
      plan_.step.back().kind = ShapKind::close;
    }
    distinct_ -= level.ancestor == 0;
    last_depth_[opened.node.split & kFeature] = level.ancestor;
  }

  void add_tables(int64_t first, int32_t points) {
    const Quadrature rule = gauss_legendre(points);
    std::vector<int64_t> opened(static_cast<size_t>(plan_.most_depth) + 1);
    for (int64_t s = first; s < static_cast<int64_t>(plan_.step.size()); ++s) {
      ShapStep& step = plan_.step[s];
      if (step.kind == ShapKind::close) {
        step.table = plan_.step[opened[step.depth]].table;
        continue;
      }
      opened[step.depth] = s;
      step.table = static_cast<int64_t>(plan_.table.size());
      plan_.table.resize(plan_.table.size() + 4 * static_cast<size_t>(points));
      fill_table(plan_.table.data() + step.table, zero_[s], step.ancestor > 0 ? zero_[opened[step.ancestor]] : -1.0, rule);
    }
  }

  /// z: the edge's zero fraction; above: its ancestor's, -1 without one.
  static void fill_table(double* table, double z, double above, const Quadrature& rule) {
    const size_t points = rule.at.size();
    for (size_t q = 0; q < points; ++q) {
      const double t = rule.at[q], w = rule.weight[q];
      const double absent = z * (1 - t), present = absent + t;
      const double absent_move = -w / (1 - t), present_move = w * (1 - z) / present;
      const double above_present = above * (1 - t) + t, above_move = w * (1 - above) / above_present;
      const bool again = above >= 0;
      table[q] = again ? absent / above_present : absent;
      table[points + q] = again ? present / above_present : present;
      table[2 * points + q] = again ? absent_move - above_move : absent_move;
      table[3 * points + q] = again ? present_move - above_move : present_move;
    }
  }

  const TreesView& trees_;
  ShapPlan& plan_;
  int64_t begin_ = 0;
  int32_t distinct_ = 0, most_distinct_ = 0;
  std::vector<Level> path_;
  std::vector<int32_t> last_depth_;  // per feature: of its last edge on the path, 0: none
  std::vector<double> zero_;         // per step
};

}  // namespace

ShapPlan make_shap_plan(const TreesView& trees, int64_t first, int64_t most_numbers) {
  ShapPlan plan;
  TreeSteps steps(trees, plan);
  for (int64_t t = first; t < trees.trees(); ++t) {
    if (t > first && static_cast<int64_t>(plan.table.size()) > most_numbers) break;
    steps.add(t);
  }
  return plan;
}

std::vector<double> expected_sums(const TreesView& trees) {
  std::vector<double> out(trees.single_start.begin(), trees.single_start.end()), share;
  out.resize(static_cast<size_t>(trees.outputs), 0.0);
  const int64_t width = trees.values_of_node();
  for (int64_t t = 0; t < trees.trees(); ++t) {
    const int64_t begin = trees.first[t], nodes = trees.first[t + 1] - begin;
    share.assign(static_cast<size_t>(nodes), 1.0);
    for (int64_t i = 0; i < nodes; ++i) {  // parents come first
      const int32_t left = trees.left[begin + i], right = trees.right[begin + i];
      if (trees.feature[begin + i] >= 0) {
        share[left] = share[i] * share_of(trees, begin, left, right);
        share[right] = share[i] * share_of(trees, begin, right, left);
        continue;
      }
      for (int64_t k = 0; k < width; ++k) {
        out[trees.vector_leaves ? k : t % trees.outputs] += share[i] * trees.value[(begin + i) * width + k];
      }
    }
  }
  return out;
}

}  // namespace crisp::forest
