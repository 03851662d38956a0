/// Sums of gradients by column and code over the rows of a node.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/cells.h"

namespace crisp {

/// One of two layouts by the number of rows, `width` cells each: packed where they fit (cells.h), else Sums.
struct HistogramView {
  uint64_t* packed = nullptr;
  Sums* wide = nullptr;
  int64_t width = 0;

  CRISP_HD bool is_wide() const { return wide != nullptr; }
  CRISP_HD Sums at(int64_t cell) const { return wide ? wide[cell] : unpack(packed[cell]); }
};

/// out = sums of the words of rows `index`; packed, or wide. On the host.
void build_histogram(Exec& exec, const BinnedRows& rows, ArrayView<const uint32_t> index, HistogramView out);

/// parent - child, in place of the parent where layouts are the same, else to `out`. out may be the parent.
void subtract_histogram(const HistogramView& parent, const HistogramView& child, HistogramView out);

/// One cell of it, where layouts may differ.
CRISP_HD inline void subtract_cell(const HistogramView& parent, const HistogramView& child, const HistogramView& out, int64_t cell) {
  const Sums rest = parent.at(cell) - child.at(cell);
  if (out.is_wide()) {
    out.wide[cell] = rest;
  } else {
    out.packed[cell] = pack(rest);
  }
}

/// Sums over all rows of a node: those of its first column's cells.
Sums total_of(const BinnedRows& rows, const HistogramView& histogram);

}  // namespace crisp
