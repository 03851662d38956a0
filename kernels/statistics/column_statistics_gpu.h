/// The CUDA engine of column statistics; called by its dispatch only. Rows may lie on the host or on the
/// device.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/statistics/column_statistics_row.h"

namespace crisp::gpu {

/// The power sums of every column about its pivot, with the CPU engine's bits.
std::vector<PowerSums> power_sums(Exec& exec, MatrixView<const float> rows,
                                  const std::vector<double>& pivots);
std::vector<PowerSums> power_sums(Exec& exec, MatrixView<const double> rows,
                                  const std::vector<double>& pivots);

}  // namespace crisp::gpu
