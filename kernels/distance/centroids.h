/// The nearest of some centroids for every row: how clusters are assigned.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// labels[i] = the centroid nearest to row i (Euclidean), distances[i] = how far it is; `distances` may be empty.
/// Decided by row_measure() in double (distance_row.h): the lower index where two are equally near, index 0 and NaN for a
/// row with NaN. Equal bits for every engine, instruction set and thread count.
///
/// 2 columns flops a pair in float; rows between two centroids (to within 1e-5 of the spread) are decided in double.
void nearest_centroid(Exec& exec, MatrixView<const float> centroids, MatrixView<const float> rows,
                      ArrayView<int32_t> labels, ArrayView<float> distances);

}  // namespace crisp
