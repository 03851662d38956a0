/// Trees as other libraries number them, on their way to ours.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/forest/trees.h"
#include "models/trees/tree_model.h"
#include "train/imported.h"

namespace crisp {

struct ForeignNode {
  int64_t left = -1, right = -1;  ///< -1 both: a leaf
  int64_t feature = -1;
  double threshold = 0;           ///< <= goes left
  bool missing_left = false;
  std::vector<int64_t> codes = {};  ///< where `by_code`: these go left
  bool by_code = false;
  double value = 0, cover = 0, gain = 0;

  bool is_leaf() const { return left == -1 && right == -1; }
};

/// Puts trees into arrays. Their nodes get places in the order in which they are reached, breadth first.
class ForeignTrees {
 public:
  /// `origin` stands in messages: "model.json".
  ForeignTrees(int64_t columns, int64_t outputs, std::string origin);

  /// Codes of this column are one larger in the rows than in the trees.
  void shift_codes(int64_t column) { shifted_[static_cast<size_t>(column)] = 1; }
  /// `number` names it in messages. Code::data naming tree and node for a child that is out of range or has two parents, a feature that is
  /// none, numbers that are not finite, or where other than `unused` nodes are not reached.
  void add(int64_t number, std::span<const ForeignNode> nodes, int64_t unused = 0);

  /// 64-bit thresholds of the nodes that compare numbers, by column.
  const std::vector<std::vector<double>>& thresholds() const { return thresholds_; }
  /// The trees; their thresholds are the nearest floats.
  Trees& trees() { return trees_; }
  /// One a node, as added.
  const std::vector<double>& exact_thresholds() const { return exact_; }

 private:
  void append(int64_t number, int64_t place, const ForeignNode& node);
  int32_t add_set(int64_t number, int64_t place, const ForeignNode& node);
  [[noreturn]] void refuse(int64_t tree, int64_t node, const std::string& problem) const;

  std::string origin_;
  std::vector<uint8_t> shifted_;
  std::vector<std::vector<double>> thresholds_;
  std::vector<double> exact_;
  Trees trees_;
};

/// What every reader ends with: trees that were checked become the model of `about`.
ImportedModel finished(ImportedModel about, TreeParts parts, const std::string& origin);

}  // namespace crisp
