/// Grows one tree on binned rows: the best leaf first, or level by level.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/exec.h"
#include "kernels/forest/trees.h"
#include "kernels/histogram/bins.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/node_engine.h"
#include "kernels/histogram/row_share.h"
#include "kernels/histogram/split.h"

namespace crisp {

struct GrowthPlan {
  SplitRules rules;
  int64_t max_leaves = 31;        ///< >= 2
  int64_t max_depth = 0;          ///< 0: any
  bool by_level = false;          ///< nearer to the root first; else by gain
  double columns_by_node = 1;     ///< share of the tree's columns that each node chooses from
};

struct GrownTree {
  std::vector<GrownNode> nodes;   ///< the root first
  std::vector<float> values;      ///< one a node, 0 at inner ones: see set_values()
  RoundScale scale;
};

class TreeGrower {
 public:
  /// All must outlive it. Trees are grown where the rows lie: on the host or on exec's device. categories: on the host, one a column, 0 for
  /// numbers. `share`: where other processes have other rows of the same trees; on the host only.
  TreeGrower(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const GrowthPlan& plan, const RowShare& share = {});
  ~TreeGrower();

  /// A tree on rows `index` (ascending, on the host or exec's device), by their words; afterwards `index` has each leaf's rows side by side. columns:
  /// those to choose from, ascending, on the host. `stream` numbers the tree for draws. The same tree for every engine and number of threads:
  /// which nodes are worked on ahead depends on them, which ones are taken does not.
  GrownTree grow(ArrayView<uint32_t> index, ArrayView<const int32_t> columns, RoundScale scale, uint64_t stream);

 private:
  class Growth;

  GrowthPlan plan_;
  std::unique_ptr<NodeEngine> engine_;
};

/// The leaves' values by their sums, drawn to their parents' by path_smooth, multiplied by `rate`.
void set_values(const SplitRules& rules, double rate, GrownTree& grown);

/// Adds the tree to `trees`: thresholds and sets of categories from the bins.
void append_tree(const GrownTree& grown, const Bins& bins, Trees& trees);

/// Trees [begin, end) alone, of a model of `outputs`.
Trees slice_trees(const Trees& trees, int64_t begin, int64_t end, int64_t outputs);

}  // namespace crisp
