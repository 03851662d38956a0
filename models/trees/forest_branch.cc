#include "models/trees/forest_branch.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/histogram/column_sample.h"

namespace crisp {
namespace {

/// Nodes of up to a sixteenth of the rows, within these bounds, are branches that one thread grows.
constexpr int64_t kLeastBranch = 1024, kMostBranch = 65536;

struct Waiting {
  OpenNode node;
  ImpuritySplit split;
  double gain = 0;
};

/// A tree from one node down. Nodes of up to `branch` rows are left open for others to grow; 0: none.
class Branch {
 public:
  Branch(const TreePlan& plan, const PartingRules& rules, NodeSource& source, int64_t branch)
      : plan_(plan), growth_(plan.growth), rules_(rules), source_(source), branch_(branch) {}

  void grow(OpenNode root) {
    root.place = add_node();
    arrive(root);
    for (int64_t leaves = 1; !waiting_.empty() && (growth_.max_leaves == 0 || leaves < growth_.max_leaves); ++leaves) expand(next());
    for (const Waiting& left : waiting_) finish(left.node, source_.total_of(left.node));
  }

  ForestTree tree;
  std::vector<OpenNode> open;

 private:
  bool best_first() const { return growth_.max_leaves > 0; }
  static bool gains_less(const Waiting& a, const Waiting& b) { return a.gain != b.gain ? a.gain < b.gain : a.node.place > b.node.place; }

  int32_t add_node() {
    tree.nodes.emplace_back();
    tree.values.resize(tree.nodes.size() * static_cast<size_t>(plan_.targets.outputs()));
    return static_cast<int32_t>(tree.nodes.size()) - 1;
  }

  Waiting next() {
    if (best_first()) std::pop_heap(waiting_.begin(), waiting_.end(), gains_less);
    Waiting last = std::move(waiting_.back());
    waiting_.pop_back();
    return last;
  }

  /// A node becomes a leaf, or waits to be parted.
  void arrive(const OpenNode& node) {
    if (node.rows.size <= branch_) {
      open.push_back(node);
      return;
    }
    const int64_t* total = source_.total_of(node);
    tree.nodes[static_cast<size_t>(node.place)].cover = static_cast<float>(plan_.targets.weight_of(total) * plan_.targets.weight_unit());
    ImpuritySplit split;
    if (rules_.may_part(node.depth, total)) split = source_.find_split(node);
    const double gain = rules_.gain(split, total);
    if (!rules_.parts(split, gain)) return finish(node, total);
    waiting_.push_back({node, std::move(split), gain});
    if (best_first()) std::push_heap(waiting_.begin(), waiting_.end(), gains_less);
  }

  void expand(const Waiting& parent) {
    OpenNode left, right;
    left.place = add_node();
    right.place = add_node();
    ForestNode& node = tree.nodes[static_cast<size_t>(parent.node.place)];
    node.left = left.place;
    node.right = right.place;
    node.column = parent.split.column;
    node.code = parent.split.code;
    node.missing_left = parent.split.missing_left;
    node.gain = static_cast<float>(std::min(parent.gain, static_cast<double>(std::numeric_limits<float>::max())));
    if (parent.split.category) {
      node.set = static_cast<int32_t>(tree.sets.size());
      tree.sets.push_back(parent.split.sides());
    }
    source_.part(parent.node, parent.split, left, right);
    for (OpenNode* child : {&left, &right}) {
      child->depth = parent.node.depth + 1;
      child->stream = child_stream(parent.node.stream, child == &right);
      arrive(*child);
    }
  }

  void finish(const OpenNode& node, const int64_t* total) {
    double* values = tree.values.data() + static_cast<int64_t>(node.place) * plan_.targets.outputs();
    plan_.targets.answer(total, values);
    for (int64_t i = 0; i < node.held_out.size; ++i) plan_.at_leaf(plan_.sample.held_out[static_cast<size_t>(node.held_out.begin + i)], values);
  }

  const TreePlan& plan_;
  const ForestGrowth& growth_;
  const PartingRules& rules_;
  NodeSource& source_;
  const int64_t branch_;
  std::vector<Waiting> waiting_;  // the last first; best first: a heap
};

/// `branch`'s root takes the place that was left open, its other nodes stand behind those that are there.
void graft(ForestTree& tree, int32_t place, const ForestTree& branch, size_t outputs) {
  const auto behind = static_cast<int32_t>(tree.nodes.size()) - 1, sets = static_cast<int32_t>(tree.sets.size());
  for (size_t k = 0; k < branch.nodes.size(); ++k) {
    ForestNode node = branch.nodes[k];
    if (node.left > 0) {
      node.left += behind;
      node.right += behind;
    }
    if (node.set >= 0) node.set += sets;
    const auto values = branch.values.begin() + static_cast<std::ptrdiff_t>(k * outputs);
    if (k == 0) {
      tree.nodes[static_cast<size_t>(place)] = node;
      std::copy_n(values, outputs, tree.values.begin() + static_cast<std::ptrdiff_t>(place) * static_cast<std::ptrdiff_t>(outputs));
    } else {
      tree.nodes.push_back(node);
      tree.values.insert(tree.values.end(), values, values + static_cast<std::ptrdiff_t>(outputs));
    }
  }
  tree.sets.insert(tree.sets.end(), branch.sets.begin(), branch.sets.end());
}

}  // namespace

PartingRules::PartingRules(const ForestGrowth& plan, const ForestTargets& targets, const int64_t* total)
    : plan_(plan), targets_(targets), least_gain_(plan.min_decrease * targets.weight_of(total) * targets.weight_unit()) {}

bool PartingRules::may_part(int64_t depth, const int64_t* total) const {
  if (plan_.max_depth > 0 && depth >= plan_.max_depth) return false;
  if (total[kRowsCell] < std::max(plan_.min_split_rows, 2 * plan_.rules.min_leaf_rows)) return false;
  if (targets_.classes() == 0) return true;
  const int64_t* classes = total + kFirstClassCell;
  return std::count_if(classes, classes + targets_.classes(), [](int64_t weight) { return weight > 0; }) > 1;
}

double PartingRules::gain(const ImpuritySplit& split, const int64_t* total) const {
  return split.column < 0 ? 0 : std::max(0.0, split.purity - purity_of(total)) * targets_.gain_unit();
}

double PartingRules::purity_of(const int64_t* total) const {
  const auto cell = [=](int64_t k) { return total[k]; };
  switch (plan_.rules.impurity) {
    case Impurity::gini: return purity<Impurity::gini>(cell, plan_.rules.classes);
    case Impurity::entropy: return purity<Impurity::entropy>(cell, plan_.rules.classes);
    case Impurity::squared: break;
  }
  return purity<Impurity::squared>(cell, plan_.rules.classes);
}

ForestTree put_together(Exec& exec, const TreePlan& plan, const MakeSource& make_source) {
  const auto count = static_cast<int64_t>(plan.sample.index.size());
  // With a limit on leaves any node may be the next: there are no branches.
  const int64_t branch = plan.growth.max_leaves > 0 ? 0 : std::clamp(count / 16, kLeastBranch, kMostBranch);
  const OpenNode root{0, {0, count}, {0, static_cast<int64_t>(plan.sample.held_out.size())}, 0, plan.sample.stream, 0};
  const std::unique_ptr<NodeSource> source = make_source(branch);
  const PartingRules rules(plan.growth, plan.targets, source->total_of(root));
  Branch top(plan, rules, *source, branch);
  top.grow(root);
  std::vector<ForestTree> branches(top.open.size());
  exec.threads().run(static_cast<int64_t>(branches.size()), [&](int64_t k) {
    const std::unique_ptr<NodeSource> own = make_source(0);
    Branch one(plan, rules, *own, 0);
    one.grow(top.open[static_cast<size_t>(k)]);
    branches[static_cast<size_t>(k)] = std::move(one.tree);
  });
  for (size_t k = 0; k < branches.size(); ++k) {
    graft(top.tree, top.open[k].place, branches[k], static_cast<size_t>(plan.targets.outputs()));
  }
  return std::move(top.tree);
}

}  // namespace crisp
