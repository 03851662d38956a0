/// Sends rows down trees: the sums of the leaves that they reach, or which leaves those are.
#pragma once

#include <cstdint>
#include <memory>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/trees.h"

namespace crisp {

/// Trees made ready on one device. Immutable; safe from many threads. The trees must have been checked: nothing is checked here again.
class Forest {
 public:
  /// Copies what it needs of `trees`, into the layout that suits them; on the CPU the quickest of several by a short timing.
  Forest(Exec& exec, const TreesView& trees);
  ~Forest();
  Forest(Forest&&) noexcept;
  Forest& operator=(Forest&&) noexcept;

  int64_t columns() const;
  int64_t outputs() const;
  int64_t trees() const;

  /// out(i, k) = the sum of what row i's leaves add to output k, as trees.h says: the same bits on every engine and for every number of
  /// threads. rows: n x columns(), out: n x outputs(), both on the host or both on exec's device.
  void sum(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const;
  /// One row on the host, without an allocation or a thread: for requests of one row.
  void sum_row(const float* row, double* out) const;
  /// out(i, t) = the place of row i's leaf in tree t, counted from the tree's first node.
  void leaves(Exec& exec, MatrixView<const float> rows, MatrixView<int32_t> out) const;

 private:
  struct Layout;
  std::unique_ptr<Layout> layout_;
};

}  // namespace crisp
