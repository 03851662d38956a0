/// A table's rows in bins, with the memory that they lie in.
#pragma once

#include <memory>
#include <vector>

#include "cuda/exec.h"
#include "kernels/histogram/bins.h"
#include "kernels/histogram/binned.h"
#include "train/model.h"

namespace crisp {

class TrainingRows {
 public:
  TrainingRows() = default;
  /// `bins` fitted on these rows, or on others. `by_column`: for growing too, not only for walking down trees.
  TrainingRows(Exec& exec, const Bins& bins, MatrixView<const float> rows, bool by_column);

  const BinnedRows& binned() const { return binned_; }

 private:
  std::unique_ptr<uint8_t[]> records_, columns_;
  std::vector<int32_t> codes_;
  BinnedRows binned_;
};

/// Categories of each column of the rows; 0: numbers.
std::vector<int32_t> categories_of(const std::vector<FeatureInfo>& features, int64_t columns);

}  // namespace crisp
