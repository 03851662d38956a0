/// Rows laid out for the CPU's inner loops: panels of 32 rows, column after column, so that a register holds one column
/// of neighbouring rows; and groups of 12 rows that are met with whole panels.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/distance/metric.h"

namespace crisp::distance {

constexpr int kPanelRows = 32;
constexpr int kGroupRows = 12;

/// Floats aligned to 64 bytes, zero at first.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(int64_t size) : owner_(static_cast<size_t>(size + 16)) {
    const auto address = reinterpret_cast<uintptr_t>(owner_.data());
    data_ = owner_.data() + (64 - address % 64) % 64 / sizeof(float);
  }
  AlignedFloats(AlignedFloats&&) = default;
  AlignedFloats& operator=(AlignedFloats&&) = default;
  float* data() const { return data_; }

 private:
  std::vector<float> owner_;
  float* data_ = nullptr;
};

/// The rows as they are, each padded with zeros to a multiple of 16 columns.
struct PaddedRows {
  AlignedFloats values;
  int64_t rows = 0, columns = 0, ld = 0;
  std::vector<double> scale;  ///< direction_scale() of each row where the metric is cosine

  const float* row(int64_t i) const { return values.data() + i * ld; }
  double scale_of(int64_t i) const { return scale.empty() ? 1.0 : scale[static_cast<size_t>(i)]; }
};

PaddedRows pad_rows(Exec& exec, Metric metric, MatrixView<const float> rows);

/// What estimates are made of: panel p holds rows 32 p ... 32 p + 31, value (column, row) at column * 32 + row. Rows
/// beyond the last are zeros.
struct Panels {
  AlignedFloats values;
  std::vector<float> norms;  ///< packed_norm() of each row, padded to whole panels
  int64_t rows = 0, columns = 0;

  int64_t panels() const { return (rows + kPanelRows - 1) / kPanelRows; }
  const float* panel(int64_t p) const { return values.data() + p * columns * kPanelRows; }
};

/// `shift` has an entry a column.
Panels pack_panels(Exec& exec, Metric metric, const PaddedRows& rows, const float* shift);

/// Up to 12 rows of a matrix, shifted and times `factor`, column after column: value (column, row) at column * 12 + row.
/// norms[row] becomes the squared length of the shifted row. Rows beyond `count` are zeros.
void pack_group(Metric metric, const PaddedRows& rows, int64_t first, int count, const float* shift, float factor,
                float* values, double* norms);

/// A point in the middle of the rows: differences from it are smaller than the values are, and so are the errors of
/// estimates. No result depends on it.
std::vector<float> middle_of(MatrixView<const float> rows);

}  // namespace crisp::distance
