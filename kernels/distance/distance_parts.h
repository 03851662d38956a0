/// The distance of two rows, cut into what each column adds to it.
#pragma once

#include "kernels/distance/distance_row.h"

namespace crisp {
namespace distance {

template <Metric metric>
inline void add_parts(const float* row, const float* other, int64_t columns, double distance, double* parts) {
  const bool angles = metric == Metric::cosine;
  const double scale_row = angles ? direction_scale(row, columns) : 1, scale_other = angles ? direction_scale(other, columns) : 1;
  const auto part = [&](int64_t j) { return column_part<metric>(row[j], scale_row, other[j], scale_other); };
  double total = 0;
  for (int64_t j = 0; j < columns; ++j) total += part(j);
  for (int64_t j = 0; j < columns; ++j) {
    // Rows that differ in no column yet are apart: two without direction.
    const double share = total == 0 ? 1.0 / static_cast<double>(columns) : part(j) / total;
    const bool high = row[j] * scale_row > other[j] * scale_other;
    if (share > 0) parts[2 * j + (high ? 0 : 1)] += distance * share;
  }
}

}  // namespace distance

/// Adds `distance` (of `row` from `other`, times any weight) to parts[0 ... 2 * columns - 1]: to 2 * j what is due to the row's
/// column j lying above the other's, to 2 * j + 1 what is due to its lying below. The columns share it as they share the sum
/// that the metric is made of (squared differences for l2, of the rows' directions for the cosine), so it is spent wholly.
inline void add_distance_parts(Metric metric, const float* row, const float* other, int64_t columns, double distance,
                               double* parts) {
  switch (metric) {
    case Metric::l1: return distance::add_parts<Metric::l1>(row, other, columns, distance, parts);
    case Metric::cosine: return distance::add_parts<Metric::cosine>(row, other, columns, distance, parts);
    default: return distance::add_parts<Metric::l2>(row, other, columns, distance, parts);
  }
}

}  // namespace crisp
