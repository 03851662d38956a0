/// What a growing tree's nodes need of a device: rows parted, histograms, splits. Which nodes are worked on, and which become part of the
/// tree, is the grower's affair.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cuda/exec.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/row_share.h"
#include "kernels/histogram/split.h"

namespace crisp {

/// A node of a grown tree. Children stand behind their parents.
struct GrownNode {
  int32_t left = -1, right = -1;  ///< -1: a leaf
  Split split;
  Sums total;
  double lower = -1e308, upper = 1e308;
  int64_t begin = 0, rows = 0;    ///< of its rows that are here, among those that the tree was grown on; of all processes: total.rows
};

/// A node while its tree grows.
struct NodeWork {
  GrownNode grown;                   ///< the engine finds `split`, of the root `total` too; the rest is known before
  ArrayView<const int32_t> columns;  ///< those to choose from, ascending
  uint64_t stream = 0;               ///< of draws
  bool may_part = false;             ///< whether a split is looked for
  HistogramView histogram;           ///< the engine's, until release()
};

/// A node whose rows are parted by its split, and its children. A split says how many rows go left, so the children's places are known; where
/// other processes have some of them the engine corrects the places.
struct Expansion {
  NodeWork *parent, *left, *right;
};

class NodeEngine {
 public:
  virtual ~NodeEngine() = default;

  /// How many nodes may be worked on at once before their turn has come; one of more than shared_rows() rows is worked on alone. The same in all
  /// processes.
  virtual int64_t ahead() const = 0;
  virtual int64_t shared_rows() const = 0;

  /// A tree begins, once all nodes of the one before are released: the root's histogram, total and split. `index` (on the host or the engine's
  /// device) is parted from now on.
  virtual void begin(ArrayView<uint32_t> index, RoundScale scale, NodeWork& root) = 0;
  /// Parts the parents' rows and finds the splits of children that may be parted; parents' histograms are released.
  virtual void expand(std::span<const Expansion> batch) = 0;
  /// The node's histogram is needed no more.
  virtual void release(NodeWork& node) = 0;
  /// The tree is done: `index` is where begin() found it.
  virtual void finish() = 0;
};

/// By where the rows lie: on exec's device or on the host. All but exec and share are kept by reference.
std::unique_ptr<NodeEngine> make_node_engine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules,
                                             const RowShare& share = {});

}  // namespace crisp
