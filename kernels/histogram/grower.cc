#include "kernels/histogram/grower.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cuda/error.h"
#include "kernels/histogram/column_sample.h"

namespace crisp {

/// One tree while it grows. Nodes are expanded (parted, their children's histograms and splits found) in any order and in parallel; they become
/// part of the tree in the order of their priority alone.
class TreeGrower::Growth {
 public:
  Growth(TreeGrower& grower, ArrayView<uint32_t> index, ArrayView<const int32_t> columns, RoundScale scale, uint64_t stream)
      : engine_(*grower.engine_), plan_(grower.plan_), columns_(columns), scale_(scale) {
    nodes_.reserve(static_cast<size_t>(4 * plan_.max_leaves + 64));
    Node& root = nodes_.emplace_back();
    root.stream = stream;
    root.grown.rows = index.size;
    prepare(root);
    engine_.begin(index, scale, root);
  }

  ~Growth() {
    for (Node& node : nodes_) engine_.release(node);
  }

  GrownTree run() {
    taken_.push_back(0);
    queue(0);
    for (int64_t leaves = 1; leaves < plan_.max_leaves && !waiting_.empty(); ++leaves) {
      if (!nodes_[waiting_.begin()->node].expanded) expand_ahead(plan_.max_leaves - leaves);
      const size_t parent = waiting_.begin()->node;
      waiting_.erase(waiting_.begin());
      nodes_[parent].parted = true;
      for (const int32_t child : {nodes_[parent].grown.left, nodes_[parent].grown.right}) {
        taken_.push_back(static_cast<size_t>(child));
        queue(static_cast<size_t>(child));
      }
    }
    engine_.finish();
    return result();
  }

 private:
  struct Node : NodeWork {
    std::vector<int32_t> own_columns;
    int64_t depth = 0;
    bool expanded = false, parted = false;
  };
  /// Smallest first.
  struct Priority {
    double key;
    size_t place, node;
    bool operator<(const Priority& other) const { return key != other.key ? key < other.key : place < other.place; }
  };

  bool may_part(const Node& node) const {
    if (node.depth == 0) return true;  // its rows are not counted yet
    const int64_t rows = node.grown.total.rows;
    return (plan_.max_depth == 0 || node.depth < plan_.max_depth) && rows >= 2 * plan_.rules.min_child_rows && rows >= 2;
  }

  /// What the engine must know of a node.
  void prepare(Node& node) const {
    node.may_part = may_part(node);
    node.columns = columns_;
    if (plan_.columns_by_node >= 1 || !node.may_part) return;
    node.own_columns = sample_columns(columns_, plan_.columns_by_node, plan_.rules.seed, node.stream);
    node.columns = {node.own_columns.data(), static_cast<int64_t>(node.own_columns.size())};
  }

  void queue(size_t node) {
    if (nodes_[node].grown.split.column < 0) {
      engine_.release(nodes_[node]);
      return;
    }
    waiting_.insert({key_of(nodes_[node]), taken_.size(), node});
  }

  double key_of(const Node& node) const { return plan_.by_level ? static_cast<double>(node.depth) : -node.grown.split.gain; }

  /// No node has its turn before its parent, so that where `leaves_left` others come before it by their own keys and their parents', it never has
  /// one: it needs no histogram, and is a leaf.
  void drop_hopeless(int64_t leaves_left) {
    std::vector<double> turns;
    for (const Priority& next : waiting_) {
      turns.push_back(next.key);
      for_children(next, [&](const Node& child) { turns.push_back(std::max(next.key, key_of(child))); });
    }
    if (static_cast<int64_t>(turns.size()) <= leaves_left) return;
    const auto last = turns.begin() + leaves_left - 1;
    std::nth_element(turns.begin(), last, turns.end());
    const auto drop = [&](Node& node) {
      engine_.release(node);
      node.grown.split.column = -1;
    };
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      const bool hopeless = next->key > *last;
      for_children(*next, [&](Node& child) {
        if (hopeless || key_of(child) > *last) drop(child);
      });
      if (hopeless) drop(nodes_[next->node]);
      next = hopeless ? waiting_.erase(next) : std::next(next);
    }
  }

  /// body(child) for those that could be parted.
  template <class Body>
  void for_children(const Priority& next, Body body) {
    const Node& node = nodes_[next.node];
    if (!node.expanded) return;
    for (const int32_t child : {node.grown.left, node.grown.right}) {
      if (nodes_[static_cast<size_t>(child)].grown.split.column >= 0) body(nodes_[static_cast<size_t>(child)]);
    }
  }

  /// The first in the queue, and with it others whose turn will come, unless the leaves run out before.
  void expand_ahead(int64_t leaves_left) {
    std::vector<size_t> chosen;
    const int64_t most = std::min(leaves_left, engine_.ahead());
    for (const Priority& next : waiting_) {
      const Node& node = nodes_[next.node];
      if (static_cast<int64_t>(chosen.size()) == most) break;
      if (node.expanded) continue;
      const bool shared = node.grown.total.rows > engine_.shared_rows();
      if (shared && !chosen.empty()) continue;
      chosen.push_back(next.node);
      if (shared) break;
    }
    const size_t first = nodes_.size();
    for (size_t k = 0; k < chosen.size(); ++k) {
      GrownNode& parent = nodes_[chosen[k]].grown;
      parent.left = static_cast<int32_t>(first + 2 * k);
      parent.right = parent.left + 1;
    }
    nodes_.resize(first + 2 * chosen.size());
    std::vector<Expansion> batch;
    for (const size_t node : chosen) batch.push_back(begin_children(nodes_[node]));
    engine_.expand(batch);
    drop_hopeless(leaves_left);
  }

  Expansion begin_children(Node& parent) {
    Node &left = nodes_[static_cast<size_t>(parent.grown.left)], &right = nodes_[static_cast<size_t>(parent.grown.right)];
    const GrownNode& grown = parent.grown;
    left.grown.total = grown.split.left_sums;
    right.grown.total = grown.total - grown.split.left_sums;
    left.grown.begin = grown.begin;
    right.grown.begin = grown.begin + left.grown.total.rows;
    for (Node* child : {&left, &right}) {
      child->grown.rows = child->grown.total.rows;
      child->depth = parent.depth + 1;
      child->stream = child_stream(parent.stream, child == &right);
      child->grown.lower = grown.lower;
      child->grown.upper = grown.upper;
    }
    bound_children(parent.grown, left.grown, right.grown);
    prepare(left);
    prepare(right);
    parent.expanded = true;
    return {&parent, &left, &right};
  }

  /// Along a monotone column nothing below one child may answer beyond the middle between both.
  void bound_children(const GrownNode& parent, GrownNode& left, GrownNode& right) const {
    if (plan_.rules.monotone.size == 0 || parent.split.category) return;
    const int direction = plan_.rules.monotone[parent.split.column];
    if (direction == 0) return;
    const double middle = 0.5 * (leaf_value(left.total, plan_.rules, scale_, parent.lower, parent.upper) +
                                 leaf_value(right.total, plan_.rules, scale_, parent.lower, parent.upper));
    (direction > 0 ? left : right).upper = middle;
    (direction > 0 ? right : left).lower = middle;
  }

  GrownTree result() {
    GrownTree tree;
    tree.scale = scale_;
    std::vector<int32_t> place(nodes_.size(), -1);
    for (size_t k = 0; k < taken_.size(); ++k) place[taken_[k]] = static_cast<int32_t>(k);
    for (const size_t node : taken_) {
      GrownNode& grown = tree.nodes.emplace_back(nodes_[node].grown);
      const bool parted = nodes_[node].parted;
      grown.left = parted ? place[static_cast<size_t>(grown.left)] : -1;
      grown.right = parted ? place[static_cast<size_t>(grown.right)] : -1;
    }
    return tree;
  }

  NodeEngine& engine_;
  const GrowthPlan& plan_;
  ArrayView<const int32_t> columns_;
  RoundScale scale_;
  std::vector<Node> nodes_;
  std::vector<size_t> taken_;  // in the order of the tree
  std::set<Priority> waiting_;
};

TreeGrower::TreeGrower(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const GrowthPlan& plan, const RowShare& share)
    : plan_(plan), engine_(make_node_engine(exec, rows, categories, plan_.rules, share)) {
  CRISP_ASSERT(plan.max_leaves >= 2 && plan.rules.min_child_rows >= 1);
}

TreeGrower::~TreeGrower() = default;

GrownTree TreeGrower::grow(ArrayView<uint32_t> index, ArrayView<const int32_t> columns, RoundScale scale, uint64_t stream) {
  return Growth(*this, index, columns, scale, stream).run();
}

}  // namespace crisp
