/// The k nearest rows of a matrix, exactly. The matrix of distances is never written.
#pragma once

#include <memory>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/distance/metric.h"

namespace crisp {

constexpr int64_t kMostNeighbours = 1024;

/// The rows that neighbours are looked for among, copied and laid out for searching on one device: twice their own size
/// (and 8 bytes a row more for the cosine). Immutable; many threads may search it at once. Copies share the rows.
class NeighbourIndex {
 public:
  /// At least one row and one column; fewer than 2^31 rows, at most 2^20 columns. Code::data otherwise.
  NeighbourIndex(Exec& exec, Metric metric, MatrixView<const float> rows);

  Metric metric() const;
  int64_t rows() const;
  int64_t columns() const;
  const Device& device() const;

  struct State;  ///< what the engine of the device keeps
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// ids(i, 0 ... k - 1) = the rows nearest to query i, nearest first; distances(i, ...) = how far they are. k is ids.columns,
/// at most kMostNeighbours (Code::config) and at most index.rows() (Code::data); exec is on the index's device.
///
/// Defined by row_measure() (distance_row.h): the sum over columns of differences, in double, in a fixed order; so near and
/// equal rows lose no digits. Of equally near rows the lower index comes first. A distance that is NaN (a missing value in
/// either row, infinity less infinity) comes after all others. So the answer is one, for every engine, instruction set,
/// thread count and cut of the work; distances are that measure (l2: its root) rounded to float.
///
/// 2 columns flops a pair in float, by estimates that rule rows out with proven error bounds (distance_bound.h); about
/// k (1 + ln(rows / k)) pairs a query are measured in double, more where rows are equal to within 1e-5 of their spread.
void nearest_neighbours(Exec& exec, const NeighbourIndex& index, MatrixView<const float> queries,
                        MatrixView<int32_t> ids, MatrixView<float> distances);

}  // namespace crisp
