#include "models/trees/forest_grower.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "cuda/error.h"
#include "cuda/random.h"
#include "kernels/histogram/split_values.h"

namespace crisp {
namespace {

/// Nodes of up to a sixteenth of the rows, within these bounds, are branches that one thread grows.
constexpr int64_t kLeastBranch = 1024, kMostBranch = 65536;

uint64_t child_stream(uint64_t stream, bool right) { return random_bits(stream, 0x74726565u, right); }

/// Places among sample.index or sample.held_out.
struct RowRange {
  int64_t begin = 0, size = 0;
};

struct OpenNode {
  int32_t place = 0;
  RowRange rows, held_out;
  int64_t depth = 0;
  uint64_t stream = 0;
};

struct Waiting {
  OpenNode node;
  ImpuritySplit split;
  double gain = 0;
};

/// What all branches of a tree share. Branches write to ranges of their own.
struct Ground {
  Exec& exec;
  const ForestRows& rows;
  const ForestGrowth& plan;
  TreeSample& sample;
  std::vector<uint32_t>& room;
  std::vector<uint32_t>& held_out_room;
  const AtLeaf& at_leaf;
  double all_weight;  // of the tree's rows, in quanta
};

/// A tree from one node down. Nodes of up to `branch` rows are left open for others to grow; 0: none.
class Branch {
 public:
  Branch(Ground& ground, int64_t branch)
      : ground_(ground), plan_(ground.plan), targets_(ground.rows.targets), branch_(branch), splitter_(plan_.rules),
        total_(static_cast<size_t>(plan_.rules.cells())), columns_(static_cast<size_t>(ground.rows.binned.records.columns)) {
    std::iota(columns_.begin(), columns_.end(), 0);
  }

  void grow(OpenNode root) {
    root.place = add_node();
    arrive(root);
    for (int64_t leaves = 1; !waiting_.empty() && (plan_.max_leaves == 0 || leaves < plan_.max_leaves); ++leaves) expand(next());
    for (const Waiting& left : waiting_) {
      gather(left.node);
      finish(left.node);
    }
  }

  ForestTree tree;
  std::vector<OpenNode> open;

 private:
  bool best_first() const { return plan_.max_leaves > 0; }
  static bool gains_less(const Waiting& a, const Waiting& b) { return a.gain != b.gain ? a.gain < b.gain : a.node.place > b.node.place; }

  int32_t add_node() {
    tree.nodes.emplace_back();
    tree.values.resize(tree.nodes.size() * static_cast<size_t>(targets_.outputs()));
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
    gather(node);
    ImpuritySplit split;
    if (may_part(node)) split = find_split(node);
    const double gain = split.column < 0 ? 0 : std::max(0.0, split.purity - purity_of_node()) * targets_.gain_unit();
    if (split.column < 0 || gain < plan_.min_decrease * ground_.all_weight * targets_.weight_unit()) return finish(node);
    waiting_.push_back({node, std::move(split), gain});
    if (best_first()) std::push_heap(waiting_.begin(), waiting_.end(), gains_less);
  }

  /// What the node's rows add, side by side, and its sums.
  void gather(const OpenNode& node) {
    const auto count = static_cast<size_t>(node.rows.size);
    const uint32_t* index = ground_.sample.index.data() + node.rows.begin;
    const uint16_t* counts = ground_.sample.counts.empty() ? nullptr : ground_.sample.counts.data();
    std::fill(total_.begin(), total_.end(), 0);
    row_weight_.resize(count);
    const bool classes = targets_.classes() > 0;
    classes ? row_cell_.resize(count) : row_target_.resize(count);
    total_[kRowsCell] = node.rows.size;
    for (size_t i = 0; i < count; ++i) {
      const int64_t times = counts ? counts[index[i]] : 1;
      row_weight_[i] = times * targets_.weight(index[i]);
      if (classes) {
        row_cell_[i] = targets_.cell(index[i]);
        total_[static_cast<size_t>(row_cell_[i])] += row_weight_[i];
      } else {
        row_target_[i] = times * targets_.target(index[i]);
        total_[kWeightCell] += row_weight_[i];
        total_[kTargetCell] += row_target_[i];
      }
    }
    weight_ = targets_.weight_of(total_.data());
    tree.nodes[static_cast<size_t>(node.place)].cover = static_cast<float>(weight_ * targets_.weight_unit());
  }

  bool may_part(const OpenNode& node) const {
    if (plan_.max_depth > 0 && node.depth >= plan_.max_depth) return false;
    return node.rows.size >= std::max(plan_.min_split_rows, 2 * plan_.rules.min_leaf_rows) && !is_pure(node);
  }

  bool is_pure(const OpenNode& node) const {
    if (targets_.classes() > 0) {
      return std::count_if(total_.begin() + kFirstClassCell, total_.end(), [](int64_t weight) { return weight > 0; }) <= 1;
    }
    const uint32_t* index = ground_.sample.index.data() + node.rows.begin;
    return std::all_of(index, index + node.rows.size, [&](uint32_t row) { return targets_.same_number(row, index[0]); });
  }

  double purity_of_node() const {
    const auto cell = [&](int64_t k) { return total_[static_cast<size_t>(k)]; };
    switch (plan_.rules.impurity) {
      case Impurity::gini: return purity<Impurity::gini>(cell, plan_.rules.classes);
      case Impurity::entropy: return purity<Impurity::entropy>(cell, plan_.rules.classes);
      case Impurity::squared: break;
    }
    return purity<Impurity::squared>(cell, plan_.rules.classes);
  }

  ImpurityColumn column_of(int32_t j) const {
    const BinnedRows& binned = ground_.rows.binned;
    return {j, binned.columns.row(j), binned.codes[j], ground_.rows.categories[j] > 0};
  }

  /// As scikit-learn: so many columns, drawn without replacement, and more until one is found that is not the same in all rows.
  ImpuritySplit find_split(const OpenNode& node) {
    const ImpurityRows rows{{ground_.sample.index.data() + node.rows.begin, node.rows.size}, row_weight_.data(), row_cell_.data(), row_target_.data(),
                            total_.data(), node.stream};
    const size_t all = columns_.size(), wanted = std::min(all, static_cast<size_t>(plan_.columns_by_node));
    const bool random = plan_.random_order || wanted < all;
    std::vector<size_t> swaps;
    const auto draw = [&](size_t k) {
      if (random) std::swap(columns_[k], columns_[swaps.emplace_back(k + random_below(plan_.rules.seed, node.stream, k, all - k))]);
      return column_of(columns_[k]);
    };
    ImpuritySplit best;
    bool differ = false;
    size_t seen = 0;
    if (branch_ > 0 && node.rows.size > branch_) {
      differ = in_parallel(rows, wanted, draw, best);
      seen = wanted;
    }
    for (; seen < all && (seen < wanted || !differ); ++seen) differ = splitter_.improve(rows, draw(seen), best) || differ;
    for (size_t k = swaps.size(); k > 0; --k) std::swap(columns_[k - 1], columns_[swaps[k - 1]]);
    return best;
  }

  /// Each column by itself; then the purest of them, of equal ones the first drawn, as one after the other would give.
  bool in_parallel(const ImpurityRows& rows, size_t wanted, const auto& draw, ImpuritySplit& best) {
    std::vector<ImpurityColumn> drawn;
    for (size_t k = 0; k < wanted; ++k) drawn.push_back(draw(k));
    std::vector<ImpuritySplit> splits(wanted);
    std::vector<uint8_t> differ(wanted);
    ground_.exec.threads().run(static_cast<int64_t>(wanted), [&](int64_t k) {
      const auto at = static_cast<size_t>(k);
      differ[at] = ImpuritySplitter(plan_.rules).improve(rows, drawn[at], splits[at]);
    });
    for (ImpuritySplit& split : splits) {
      if (split.purity > best.purity) best = std::move(split);
    }
    return std::any_of(differ.begin(), differ.end(), [](uint8_t one) { return one != 0; });
  }

  void expand(const Waiting& parent) {
    const CodeSides sides = parent.split.sides();
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
      tree.sets.push_back(sides);
    }
    const uint8_t* codes = ground_.rows.binned.columns.row(parent.split.column);
    part(codes, sides, parent.node.rows, ground_.sample.index, ground_.room, left.rows, right.rows);
    part(codes, sides, parent.node.held_out, ground_.sample.held_out, ground_.held_out_room, left.held_out, right.held_out);
    for (OpenNode* child : {&left, &right}) {
      child->depth = parent.node.depth + 1;
      child->stream = child_stream(parent.node.stream, child == &right);
      arrive(*child);
    }
  }

  void part(const uint8_t* codes, const CodeSides& sides, RowRange all, std::vector<uint32_t>& index, std::vector<uint32_t>& room, RowRange& left,
            RowRange& right) {
    if (all.size == 0) return;
    const int64_t lefts = partition_rows(ground_.exec, codes, sides, {index.data() + all.begin, all.size}, {room.data() + all.begin, all.size});
    left = {all.begin, lefts};
    right = {all.begin + lefts, all.size - lefts};
  }

  /// Its rows are gathered.
  void finish(const OpenNode& node) {
    double* values = tree.values.data() + static_cast<int64_t>(node.place) * targets_.outputs();
    targets_.answer(total_.data(), values);
    for (int64_t i = 0; i < node.held_out.size; ++i) ground_.at_leaf(ground_.sample.held_out[static_cast<size_t>(node.held_out.begin + i)], values);
  }

  Ground& ground_;
  const ForestGrowth& plan_;
  const ForestTargets& targets_;
  const int64_t branch_;
  ImpuritySplitter splitter_;
  std::vector<int64_t> total_, row_weight_, row_target_;
  std::vector<int32_t> row_cell_, columns_;
  std::vector<Waiting> waiting_;  // the last first; best first: a heap
  double weight_ = 0;             // of the node that was gathered last
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

double weight_of(const ForestTargets& targets, const TreeSample& sample) {
  int64_t all = 0;
  for (const uint32_t row : sample.index) all += targets.weight(row) * (sample.counts.empty() ? 1 : sample.counts[row]);
  return static_cast<double>(all);
}

}  // namespace

ForestTree grow_forest_tree(Exec& exec, const ForestRows& rows, const ForestGrowth& plan, TreeSample& sample, const AtLeaf& at_leaf) {
  CRISP_ASSERT(!sample.index.empty() && plan.rules.min_leaf_rows >= 1 && plan.max_leaves != 1);
  std::vector<uint32_t> room(sample.index.size()), held_out_room(sample.held_out.size());
  Ground ground{exec, rows, plan, sample, room, held_out_room, at_leaf, weight_of(rows.targets, sample)};
  const auto count = static_cast<int64_t>(sample.index.size());
  // With a limit on leaves any node may be the next: there are no branches.
  const int64_t branch = plan.max_leaves > 0 ? 0 : std::clamp(count / 16, kLeastBranch, kMostBranch);
  Branch top(ground, branch);
  top.grow({0, {0, count}, {0, static_cast<int64_t>(sample.held_out.size())}, 0, sample.stream});
  std::vector<ForestTree> branches(top.open.size());
  exec.threads().run(static_cast<int64_t>(branches.size()), [&](int64_t k) {
    Branch one(ground, 0);
    one.grow(top.open[static_cast<size_t>(k)]);
    branches[static_cast<size_t>(k)] = std::move(one.tree);
  });
  for (size_t k = 0; k < branches.size(); ++k) {
    graft(top.tree, top.open[k].place, branches[k], static_cast<size_t>(rows.targets.outputs()));
  }
  return std::move(top.tree);
}

void append_forest_tree(const ForestTree& tree, const Bins& bins, Trees& trees) {
  for (const ForestNode& node : tree.nodes) {
    const bool leaf = node.left == 0;
    trees.feature.push_back(leaf ? -1 : node.column);
    trees.threshold.push_back(leaf || node.set >= 0 ? 0 : threshold_of(bins, node.column, node.code));
    trees.left.push_back(node.left);
    trees.right.push_back(node.right);
    trees.missing_left.push_back(node.missing_left);
    trees.set.push_back(node.set < 0 ? -1 : append_set(tree.sets[static_cast<size_t>(node.set)], bins, node.column, trees));
    trees.cover.push_back(node.cover);
    trees.gain.push_back(node.gain);
  }
  trees.value.insert(trees.value.end(), tree.values.begin(), tree.values.end());
  trees.first.push_back(static_cast<int64_t>(trees.feature.size()));
}

}  // namespace crisp
