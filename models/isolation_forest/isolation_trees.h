/// Grows isolation trees on samples of the rows.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/trees.h"
#include "train/peers.h"

namespace crisp {

struct IsolationPlan {
  int64_t trees = 100;
  int64_t samples = 256;       ///< rows of a tree, drawn without replacement; at most all of them
  double columns_share = 1;    ///< of the columns, for each tree
  uint64_t seed = 0;
};

/// c(n) of the paper: the mean path to a leaf of a random tree of n rows, 2 H(n - 1) - 2 (n - 1) / n, by the harmonic number itself.
double isolation_path(int64_t rows);

/// Each tree parts its rows by a column drawn from those that differ and a threshold drawn evenly between their least and largest value, on
/// the values themselves, down to single rows or to ceil(log2 samples) levels. A leaf's value is the path to it, and c(n) of the n rows that
/// it was left with. Rows without the value go with the larger part; categories part by coin, one that the node has not seen goes with the smaller
/// part. A tree is a function of (seed, its number): the same for every number of threads. cover: rows of the sample. categories: one a column, 0:
/// numbers. rows: on the host, at least 2, no infinite values.
/// `which`: of the plan's trees, those to grow.
Trees grow_isolation_trees(Exec& exec, MatrixView<const float> rows, ArrayView<const int32_t> categories, const IsolationPlan& plan, Share which);

}  // namespace crisp
