/// The purest way to part a node's rows by one column: for trees that are grown down to single rows, each node on a few columns that it
/// drew. Sums of one column of one node are made, used and forgotten; only codes that the node's rows have cost anything.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "cuda/view.h"
#include "kernels/histogram/impurity_row.h"
#include "kernels/histogram/partition.h"

namespace crisp {

struct ImpurityRules {
  Impurity impurity = Impurity::gini;
  int64_t classes = 2;             ///< of gini and entropy
  int64_t min_leaf_rows = 1;       ///< on each side, >= 1
  bool random_thresholds = false;  ///< extremely randomised trees (Geurts et al. 2006): one threshold a column, drawn
  uint64_t seed = 0;

  int64_t cells() const { return impurity_cells(impurity, classes); }
};

/// A node's rows, and beside them what each adds, in quanta.
struct ImpurityRows {
  ArrayView<const uint32_t> index;
  const int64_t* weight = nullptr;   ///< one a row of `index`, > 0
  const int32_t* cell = nullptr;     ///< of classes: kFirstClassCell + the row's class
  const int64_t* target = nullptr;   ///< of numbers: weight times target
  const int64_t* total = nullptr;    ///< the node's sums
  uint64_t stream = 0;               ///< of its draws
};

struct ImpurityColumn {
  int32_t number = 0;
  const uint8_t* codes = nullptr;    ///< one a row of the table
  int32_t count = 0;                 ///< codes that it can have; 0 stands for a missing value
  bool category = false;
};

struct ImpuritySplit {
  double purity = -std::numeric_limits<double>::infinity();  ///< of both sides
  int32_t column = -1;                                       ///< -1: none
  int32_t code = 0;                                          ///< of numbers: codes 1 ... code go left
  bool category = false, missing_left = false;
  CodeSides left{};                                          ///< of categories; of numbers see sides()

  CodeSides sides() const;
};

/// Finds splits; its memory serves one column after the other, of one thread.
class ImpuritySplitter {
 public:
  explicit ImpuritySplitter(const ImpurityRules& rules);

  /// Takes the column's purest split over where it is purer than `best`: of equal ones the lower code, missing values right before left. False
  /// where the column is the same in all rows. Numbers: the threshold lies midway between two codes that are there. Missing values go to the
  /// purer side; to the one with more rows where the node has none. Categories, a missing one among them, stand in the order of their mean
  /// target (Fisher 1958; of two classes and of numbers nothing is purer) or, of more classes, of one class's share, each class in turn; those
  /// that the node has not go to the side with more rows.
  bool improve(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best);

 private:
  void add(const ImpurityRows& rows, const ImpurityColumn& column);
  void find_codes(const ImpurityRows& rows, const ImpurityColumn& column);
  template <Impurity Kind>
  void improve_of(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best);
  template <Impurity Kind>
  void numbers(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best);
  template <Impurity Kind>
  void categories(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best);
  template <Impurity Kind>
  void try_order(const ImpurityRows& rows, const ImpurityColumn& column, int64_t cut, ImpuritySplit& best);
  template <Impurity Kind>
  double purity_at(const int64_t* left, const int64_t* total) const;
  template <Impurity Kind>
  void order_by_share(int64_t numerator);
  int64_t* sums(int32_t code) { return sums_.data() + code * cells_; }

  const ImpurityRules rules_;
  const int64_t cells_;
  std::vector<int64_t> sums_;    // 256 x cells_, zero between columns
  std::vector<int64_t> left_, with_missing_;
  std::vector<int32_t> codes_;   // those that are there, ascending
  std::vector<double> keys_;     // one a code: what categories are ordered by
};

}  // namespace crisp
