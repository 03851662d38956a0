/// A table's rows in bins, with the memory that they lie in.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "cuda/resident.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/bins.h"

namespace crisp {

class TrainingRows {
 public:
  TrainingRows() = default;
  /// Where exec works: on the host, or on its GPU. `bins` fitted on these rows, or on others; rows: on the host. `by_column`: for growing
  /// too, not only for walking down trees.
  TrainingRows(Exec& exec, const Bins& bins, RecordLayout layout, MatrixView<const float> rows, bool by_column);
  /// Room for `rows` rows, to be filled part after part.
  TrainingRows(Exec& exec, const Bins& bins, RecordLayout layout, int64_t rows, bool by_column);

  /// Rows [first, first + part.rows); on the host.
  void fill(Exec& exec, const Bins& bins, int64_t first, MatrixView<const float> part);

  const BinnedRows& binned() const { return binned_; }

 private:
  RecordLayout layout_;
  Resident<uint8_t> records_, columns_;
  Resident<ColumnPlace> places_;
  Resident<int32_t> codes_, first_;
  BinnedRows binned_;
};

}  // namespace crisp
