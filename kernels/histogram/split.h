/// The best way to part a node's rows by one column.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "kernels/histogram/histogram.h"
#include "kernels/histogram/partition.h"
#include "kernels/histogram/record_layout.h"

namespace crisp {

/// What a quantum of the round is worth.
struct RoundScale {
  double g = 1, h = 1;
};

/// When and how nodes are parted; XGBoost's and LightGBM's regularisation.
struct SplitRules {
  double lambda_l2 = 0, lambda_l1 = 0;
  double min_child_weight = 1e-3;   ///< sum of hessians in each child
  int64_t min_child_rows = 1;       ///< >= 1
  double min_split_gain = 0;        ///< a split gains more than this
  double max_delta_step = 0;        ///< of a leaf's value before the learning rate; 0: any
  double path_smooth = 0;           ///< rows: a node of so many answers half by its own rows, half as its parent does (LightGBM's name)
  ArrayView<const int8_t> monotone; ///< one a column: 1 the answer rises with it, -1 falls; empty: all free
  // Of categories (LightGBM's names and meaning).
  int max_cat_to_onehot = 4;        ///< up to so many codes, one category against all others
  int max_cat_threshold = 32;       ///< categories on the smaller side
  double cat_smooth = 10, cat_l2 = 10;
  int64_t min_data_per_group = 100;
  bool random_thresholds = false;   ///< extremely randomised trees: one threshold a column, drawn
  uint64_t seed = 0;
};

/// One node, and what its leaves may be worth where columns are monotone.
struct SplitNode {
  HistogramView histogram;
  Sums total;
  double lower = -1e308, upper = 1e308;
  ArrayView<const int32_t> columns;  ///< those to choose from, ascending
  ArrayView<const int32_t> categories;  ///< one a column of all; 0: numbers
  uint64_t stream = 0;               ///< of draws
};

struct Split {
  int32_t column = -1;      ///< -1: none is worth it
  ColumnPlace place;        ///< of its codes
  int32_t code = 0;         ///< of a number: codes 1 ... code go left
  bool missing_left = false;
  bool category = false;
  CodeSides left{};         ///< for each code
  Sums left_sums;
  double gain = 0;          ///< in the loss's unit, twice what it falls by, as XGBoost's
};

/// The split of most gain. Equal ones: the lower column, then missing values right before left, then the lower code. Scores of a split are
/// (GL^2 (HR + l2) + GR^2 (HL + l2)) / ((HL + l2) (HR + l2)) in double (Chen and Guestrin, "XGBoost", KDD 2016, eq. 7, on one denominator),
/// by leaf values where lambda_l1, max_delta_step or monotone columns are set. Missing values go to the side that gains more; to the one
/// with more rows where the node has none. Categories: in the order of G / (H + cat_smooth), a few from either end (Fisher 1958, as LightGBM).
Split find_split(Exec& exec, const BinnedRows& rows, const SplitNode& node, const SplitRules& rules, RoundScale scale);

/// A leaf's value before the learning rate, within the node's bounds.
double leaf_value(const Sums& sums, const SplitRules& rules, RoundScale scale, double lower = -1e308, double upper = 1e308);

}  // namespace crisp
