#include "models/trees/forest_grower.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "cuda/error.h"
#include "kernels/histogram/split_values.h"
#include "models/trees/drawn_columns.h"
#include "models/trees/forest_branch.h"

namespace crisp {
namespace {

/// What all branches of a tree share. Branches write to ranges of their own.
struct Ground {
  Exec& exec;
  const ForestRows& rows;
  const ForestGrowth& plan;
  TreeSample& sample;
  std::vector<uint32_t>& room;
  std::vector<uint32_t>& held_out_room;
};

/// Nodes whose splits are searched for when their turn comes.
class SearchedNodes : public NodeSource {
 public:
  /// Columns of nodes of more than `alone` rows are looked through in parallel.
  SearchedNodes(Ground& ground, int64_t alone)
      : ground_(ground), plan_(ground.plan), targets_(ground.rows.targets), alone_(alone), splitter_(plan_.rules),
        total_(static_cast<size_t>(plan_.rules.cells())), columns_(ground.rows.binned.records.columns, plan_.random_order) {}

  /// What the node's rows add, side by side, and its sums.
  const int64_t* total_of(const OpenNode& node) override {
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
    return total_.data();
  }

  /// As scikit-learn: so many columns, drawn without replacement, and more until one is found that is not the same in all rows.
  ImpuritySplit find_split(const OpenNode& node) override {
    const uint32_t* index = ground_.sample.index.data() + node.rows.begin;
    ImpuritySplit best;
    if (targets_.classes() == 0 && std::all_of(index, index + node.rows.size, [&](uint32_t row) { return targets_.same_number(row, index[0]); })) return best;
    const ImpurityRows rows{{index, node.rows.size}, row_weight_.data(), row_cell_.data(), row_target_.data(), total_.data(), node.stream};
    const int64_t all = columns_.size(), wanted = std::min(all, plan_.columns_by_node);
    columns_.begin(plan_.rules.seed, node.stream, wanted);
    bool differ = false;
    int64_t seen = 0;
    if (alone_ > 0 && node.rows.size > alone_) {
      differ = in_parallel(rows, wanted, best);
      seen = wanted;
    }
    for (; seen < all && (seen < wanted || !differ); ++seen) differ = splitter_.improve(rows, column_of(columns_.next()), best) || differ;
    return best;
  }

  void part(const OpenNode& parent, const ImpuritySplit& split, OpenNode& left, OpenNode& right) override {
    const CodeSides sides = split.sides();
    const uint8_t* codes = ground_.rows.binned.columns.row(split.column);
    part(codes, sides, parent.rows, ground_.sample.index, ground_.room, left.rows, right.rows);
    part(codes, sides, parent.held_out, ground_.sample.held_out, ground_.held_out_room, left.held_out, right.held_out);
  }

 private:
  ImpurityColumn column_of(int32_t j) const {
    const BinnedRows& binned = ground_.rows.binned;
    return {j, binned.columns.row(j), binned.codes[j], ground_.rows.categories[j] > 0};
  }

  /// Each column by itself; then the purest of them, of equal ones the first drawn, as one after the other would give.
  bool in_parallel(const ImpurityRows& rows, int64_t wanted, ImpuritySplit& best) {
    std::vector<ImpurityColumn> drawn;
    for (int64_t k = 0; k < wanted; ++k) drawn.push_back(column_of(columns_.next()));
    std::vector<ImpuritySplit> splits(drawn.size());
    std::vector<uint8_t> differ(drawn.size());
    ground_.exec.threads().run(wanted, [&](int64_t k) {
      const auto at = static_cast<size_t>(k);
      differ[at] = ImpuritySplitter(plan_.rules).improve(rows, drawn[at], splits[at]);
    });
    for (ImpuritySplit& split : splits) {
      if (split.purity > best.purity) best = std::move(split);
    }
    return std::any_of(differ.begin(), differ.end(), [](uint8_t one) { return one != 0; });
  }

  void part(const uint8_t* codes, const CodeSides& sides, RowRange all, std::vector<uint32_t>& index, std::vector<uint32_t>& room, RowRange& left,
            RowRange& right) {
    if (all.size == 0) return;
    const int64_t lefts = partition_rows(ground_.exec, codes, sides, {index.data() + all.begin, all.size}, {room.data() + all.begin, all.size});
    left = {all.begin, lefts};
    right = {all.begin + lefts, all.size - lefts};
  }

  Ground& ground_;
  const ForestGrowth& plan_;
  const ForestTargets& targets_;
  const int64_t alone_;
  ImpuritySplitter splitter_;
  std::vector<int64_t> total_, row_weight_, row_target_;  // of the node that was asked for last
  std::vector<int32_t> row_cell_;
  DrawnColumns columns_;
};

}  // namespace

ForestTree grow_forest_tree(Exec& exec, const ForestRows& rows, const ForestGrowth& plan, TreeSample& sample, const AtLeaf& at_leaf) {
  CRISP_ASSERT(!sample.index.empty() && plan.rules.min_leaf_rows >= 1 && plan.max_leaves != 1 && rows.binned.places.size == rows.binned.records.columns);
  std::vector<uint32_t> room(sample.index.size()), held_out_room(sample.held_out.size());
  Ground ground{exec, rows, plan, sample, room, held_out_room};
  return put_together(exec, {plan, rows.targets, sample, at_leaf}, [&](int64_t branch) { return std::make_unique<SearchedNodes>(ground, branch); });
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
