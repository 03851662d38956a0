/// Random cut forest: build, score, attribution. Guha, Mishra, Roy, Schrijvers, "Robust random cut forest
/// based anomaly detection on streams" (ICML 2016), with the score of Amazon's implementation (expected
/// inverse depth).
///
/// Score of a row x in a tree of mass M (points, with copies): let d be the depth of the leaf that x falls to
/// (root: 0) and m its mass. s = (1 - m/2M) / (d + log2(m + 1)) where the leaf's point equals x, else 1 / (d
/// + 1). Then for every ancestor, from the leaf's parent to the root, with the box of the points below it: S
/// = the sum over dimensions of how far x is outside the box, R = the sum of its ranges, p = S / (R + S), and
/// s = p / (depth + 1) + (1 - p) s, except that a seen leaf's score stands. The tree's score is s log2(M +
/// 1); the forest's is the mean over trees.
///
/// All engines, thread counts and block sizes give the same bits (random_cut_forest_row.h fixes the order of
/// every sum). Against double arithmetic throughout, scores agree within 1e-6. -0 equals 0. Values must be
/// finite and not beyond 2^100 in magnitude.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

namespace gpu {
class ForestUpload;
}

struct RandomCutParams {
  int64_t trees = 100;
  int64_t samples_per_tree = 256;  ///< rows drawn without replacement; fewer where there are fewer
};

/// What was learned. Nodes of a tree lie in preorder: a cut's left child is the next node. Child indices
/// count from the tree's first node.
struct RandomCutForest {
  int64_t columns = 0;
  std::vector<int64_t> tree_begin;     ///< trees + 1: first node of each tree
  std::vector<int32_t> cut_dimension;  ///< per node: x[dimension] <= value goes left; -1 = leaf
  std::vector<float> cut_value;        ///< per node; 0 for a leaf
  std::vector<int32_t> right;          ///< per node; 0 for a leaf
  std::vector<int32_t> mass;           ///< per node: points below, with copies
  std::vector<float> leaf_points;      ///< leaves x columns, in the order of the leaves' nodes

  int64_t trees() const { return tree_begin.empty() ? 0 : static_cast<int64_t>(tree_begin.size()) - 1; }
  int64_t nodes() const { return static_cast<int64_t>(mass.size()); }
  int64_t leaves() const { return columns == 0 ? 0 : static_cast<int64_t>(leaf_points.size()) / columns; }
  bool operator==(const RandomCutForest&) const = default;
};

/// What scoring needs besides, derived from the forest and never stored. Internal nodes and leaves have an
/// ordinal each, counted over the whole forest in node order.
struct ForestTables {
  int64_t stride = 0;            ///< floats of a box side or a leaf point: columns padded to a multiple of 8
  std::vector<int32_t> ordinal;  ///< per node: its row in the tables of internal nodes, or of leaves
  std::vector<int32_t> parent;   ///< per node, from the tree's first node; -1 at the root
  std::vector<int32_t> depth;    ///< per node
  std::vector<float> boxes;      ///< internal x stride x 2: low and high of the points below; padding is 0
  std::vector<float> range;      ///< per internal node: the sum of its ranges
  std::vector<float> unseen;     ///< per node: 1 / (depth + 1)
  std::vector<float> seen;       ///< per leaf: the score of a row that equals its point
  std::vector<float> points;     ///< leaves x stride; padding is 0
  std::vector<double> normaliser;  ///< per tree: log2(mass + 1)
  /// The same on the GPU that they were derived for, whatever Exec scores there; none on the CPU.
  std::shared_ptr<const gpu::ForestUpload> resident;
};

/// Grows a forest on the rows. Draws are keyed by (seed, tree, node). Bytes moved: trees x samples x depth x
/// columns x 4. Code::data naming row and column for a value that is not finite or too large, and for no rows
/// or columns.
RandomCutForest build_random_cut_forest(Exec& exec, MatrixView<const float> rows,
                                        const RandomCutParams& params, uint64_t seed);

/// Code::data naming row and column of the first value that is not finite or beyond 2^100; the others call
/// it.
void require_finite_rows(Exec& exec, MatrixView<const float> rows);

/// Code::data naming tree and node unless the arrays are a forest as build_random_cut_forest makes them.
void check_random_cut_forest(const RandomCutForest& forest);

/// For a GPU the tables are brought there, once for all calls of scoring and attribution on it: then `exec` must
/// outlive the tables and their copies. Another device scores with them too, but uploads them at each call.
ForestTables derive_tables(Exec& exec, const RandomCutForest& forest);

/// scores[i] = the score of row i. Reads every row once per block of rows, the tables once per block.
void score_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                             MatrixView<const float> rows, std::span<double> scores);

/// out(i, 2j) = the part of row i's score due to column j being high, out(i, 2j + 1) to its being low, in
/// double; their sum is the score within 1e-9 of it. `out` is rows x 2 columns.
void attribute_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                                 MatrixView<const float> rows, MatrixView<double> out);

}  // namespace crisp
