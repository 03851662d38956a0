/// Assigning rows to centroids on a GPU; for .cu files.
#pragma once

#include "kernels/distance/shifted_rows.h"

namespace crisp::gpu {

/// labels[i] = the nearest of `centroids` (k x d, on the device or the host) for each of `rows`, which were shifted by
/// `shift` with relative_slack(). `labels` lies on the device.
void assign_on_device(Exec& exec, const ShiftedView& rows, const float* shift, MatrixView<const float> centroids,
                      int32_t* labels);

/// Squared distance of each row from the centroid that its label names; all on the device.
void measure_on_device(Exec& exec, MatrixView<const float> rows, MatrixView<const float> centroids,
                       const int32_t* labels, double* measures);

}  // namespace crisp::gpu
