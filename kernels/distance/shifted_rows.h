/// Rows on a GPU as its estimates want them; for .cu files.
#pragma once

#include "cuda/staging.h"
#include "kernels/distance/metric.h"

namespace crisp::gpu {

/// The rows as they are, and shifted (distance_bound.h), n x d with one leading dimension; a norm and a scale a row.
struct ShiftedView {
  MatrixView<const float> rows;
  MatrixView<const float> shifted;
  const float* norms;    ///< packed_norm()
  const double* scales;  ///< direction_scale() for cosine, else null
  const double* exact;   ///< squared lengths of the shifted rows

  CRISP_HD double scale_of(int64_t i) const { return scales == nullptr ? 1.0 : scales[i]; }
};

class ShiftedRows {
 public:
  /// `shift` lies on the device, one value a column. `slack` is the part of its error bound that a norm is lowered by.
  /// Host rows are copied; rows on the device are copied too where `keep`, else they must stay.
  ShiftedRows(Exec& exec, Metric metric, MatrixView<const float> rows, const float* shift, double slack, bool keep);
  ShiftedView view() const { return view_; }

 private:
  DeviceMatrixInput<float> input_;
  DeviceBuffer<float> copy_, shifted_, norms_;
  DeviceBuffer<double> scales_, exact_;
  ShiftedView view_;
};

/// A point in the middle of the rows (device), one value a column.
DeviceBuffer<float> middle_on_device(Exec& exec, MatrixView<const float> rows);

}  // namespace crisp::gpu
