/// How a forest's tree is put together, whoever finds the splits of its nodes: its shape, and the places of its nodes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "cuda/exec.h"
#include "models/trees/forest_grower.h"

namespace crisp {

/// Places among a tree's rows, or among those that it holds out.
struct RowRange {
  int64_t begin = 0, size = 0;
};

struct OpenNode {
  int32_t place = 0;      ///< in the tree, or the branch
  RowRange rows, held_out;
  int64_t depth = 0;
  uint64_t stream = 0;    ///< of its draws
  int64_t number = 0;     ///< a source's own name for it; of the root 0
};

/// Whether a node is parted, by its sums.
class PartingRules {
 public:
  /// total: of the root.
  PartingRules(const ForestGrowth& plan, const ForestTargets& targets, const int64_t* total);

  /// Whether a split is worth looking for. Of numbers all targets may still be the same.
  bool may_part(int64_t depth, const int64_t* total) const;
  /// What the split takes off the impurity, weighed by the rows; 0 for none.
  double gain(const ImpuritySplit& split, const int64_t* total) const;
  /// Whether there is a split, and it gains enough.
  bool parts(const ImpuritySplit& split, double gain) const { return split.column >= 0 && gain >= least_gain_; }

 private:
  double purity_of(const int64_t* total) const;

  const ForestGrowth& plan_;
  const ForestTargets& targets_;
  double least_gain_;
};

/// What a tree needs to know of its nodes.
class NodeSource {
 public:
  virtual ~NodeSource() = default;

  /// The node's sums, until the next call.
  virtual const int64_t* total_of(const OpenNode& node) = 0;
  /// The purest split of the node that total_of() was asked for last, and that PartingRules::may_part(); without a column where there is none.
  virtual ImpuritySplit find_split(const OpenNode& node) = 0;
  /// Tells the children their rows, and those that are held out.
  virtual void part(const OpenNode& parent, const ImpuritySplit& split, OpenNode& left, OpenNode& right) = 0;
};

struct TreePlan {
  const ForestGrowth& growth;
  const ForestTargets& targets;
  const TreeSample& sample;
  const AtLeaf& at_leaf;
};

/// A source for a part of the tree: the nodes of more than `branch` rows, or, 0, all from one node down.
using MakeSource = std::function<std::unique_ptr<NodeSource>(int64_t branch)>;

/// The tree of a sample. Branches below the large nodes are grown in parallel.
ForestTree put_together(Exec& exec, const TreePlan& plan, const MakeSource& make_source);

}  // namespace crisp
