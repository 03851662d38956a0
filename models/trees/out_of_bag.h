/// What a forest answers for the rows that it learned from, each by the trees that did not draw it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/json.h"
#include "train/model.h"
#include "train/peers.h"

namespace crisp {

/// Sums are whole numbers: trees may be added in any order, from many threads.
class OutOfBag {
 public:
  OutOfBag(const LabelledRows& rows, int64_t classes);

  void add(uint32_t row, const double* values);
  /// What the trees of all processes say, in all of them.
  void sum(Peers& peers);
  /// Once all trees are added. oob_score: the accuracy, or R2, as scikit-learn's oob_score_; absent where no row was left out of any tree.
  /// oob_rows: those that were left out of some tree.
  void tell(Json& facts) const;

 private:
  double accuracy() const;
  double r2() const;

  const LabelledRows& rows_;
  int64_t classes_, outputs_;
  double unit_;
  std::vector<int64_t> sums_;     // rows x outputs
  std::vector<uint32_t> trees_;   // one a row
};

}  // namespace crisp
