/// The CUDA engine of binning; called by bin_rows.cc after it checked the arguments. Data may lie on the host or on the device.
#pragma once

#include "kernels/histogram/bins.h"

namespace crisp::gpu {

void bin_rows(Exec& exec, const Bins& bins, const RecordLayout& layout, MatrixView<const float> rows, MatrixView<uint8_t> records, MatrixView<uint8_t> columns);

}  // namespace crisp::gpu
