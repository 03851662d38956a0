/// Histograms of a share of the rows to those of all rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/histogram/histogram.h"
#include "kernels/histogram/row_share.h"

namespace crisp {

/// For one process alone all of it is free.
class HistogramSum {
 public:
  HistogramSum(const BinnedRows& rows, const RowShare& share) : rows_(rows), share_(share) {}

  bool several() const { return share_.several(); }
  /// Rows of all processes.
  int64_t of_rows(int64_t here) const;
  /// Each becomes its sum over the processes, in one message: of the cells that codes can have, a packed one
  /// is 8 bytes, a wide one 24. Layouts go by the rows of all processes, so packed sums do not overflow.
  void of_cells(std::span<const HistogramView> histograms);

 private:
  const BinnedRows& rows_;
  RowShare share_;
  std::vector<int64_t> message_;
};

}  // namespace crisp
