/// The CUDA engine of gradients; called by gradient.cc after it checked the arguments. Data may lie on the host or on the device.
#pragma once

#include "kernels/histogram/gradient_row.h"

namespace crisp::gpu {

/// The largest of all rows; 0 where there are none.
GradientExtent largest_extent(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output);
void shares_of_classes(Exec& exec, MatrixView<const float> scores, MatrixView<float> shares);
void write_gradients(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, RoundScale scale, uint32_t key,
                     int64_t first, const BinnedRows& out);

}  // namespace crisp::gpu
