/// Centroids as the CPU's tiles want them.
#pragma once

#include "kernels/distance/tiles.h"

namespace crisp::distance {

/// `centroids` must outlive the groups; `shift` is that of the rows they will meet.
CentroidGroups group_centroids(const PaddedRows& centroids, const float* shift);

}  // namespace crisp::distance
