// What is done once to every row before a search.
#include "kernels/distance/shifted_rows.h"

#include "cuda/launch.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/distance_row.h"

namespace crisp::gpu {
namespace {

using namespace distance;

constexpr int64_t kMostSampled = 4096;

/// One thread a row: its scale, its shifted values and their norm. Each row is read twice and written once.
struct ShiftRow {
  Metric metric;
  MatrixView<const float> rows;
  const float* shift;
  double slack;
  MatrixView<float> shifted;
  float* norms;
  double* scales;
  double* exact;

  CRISP_HD void operator()(int64_t i) const {
    const double scale = metric == Metric::cosine ? direction_scale(rows.row(i), rows.columns) : 1.0;
    double norm = 0;
    for (int64_t j = 0; j < rows.columns; ++j) {
      const float x = shifted_value(metric, rows.at(i, j), shift[j], scale);
      shifted.at(i, j) = x;
      norm += square(static_cast<double>(x));
    }
    if (scales != nullptr) scales[i] = scale;
    exact[i] = norm;
    norms[i] = packed_norm(metric, norm, scale, slack);
  }
};

/// One thread a column: the mean of up to 4,096 rows spread over the matrix.
struct MiddleColumn {
  MatrixView<const float> rows;
  int64_t step;
  float* middle;

  CRISP_HD void operator()(int64_t j) const {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < rows.rows; i += step) {
      const double x = static_cast<double>(rows.at(i, j));
      if (!(std::fabs(x) < HUGE_VAL)) continue;
      sum += x;
      ++count;
    }
    middle[j] = count == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(count));
  }
};

DeviceBuffer<float> copied(Exec& exec, MatrixView<const float> rows) {
  DeviceBuffer<float> out(exec, rows.rows * rows.columns);
  const size_t width = static_cast<size_t>(rows.columns) * sizeof(float);
  copy_rows(exec, out.data(), width, rows.data, static_cast<size_t>(rows.ld) * sizeof(float), width, rows.rows);
  return out;
}

}  // namespace

ShiftedRows::ShiftedRows(Exec& exec, Metric metric, MatrixView<const float> rows, const float* shift, double slack,
                         bool keep)
    : input_(exec, rows),
      shifted_(exec, rows.rows * rows.columns),
      norms_(exec, rows.rows),
      exact_(exec, rows.rows) {
  const int64_t n = rows.rows, d = rows.columns;
  view_.rows = input_.view();
  if (keep && view_.rows.data == rows.data) {
    copy_ = copied(exec, rows);
    view_.rows = {copy_.data(), n, d, d};
  }
  if (metric == Metric::cosine) scales_ = DeviceBuffer<double>(exec, n);
  const MatrixView<float> shifted{shifted_.data(), n, d, d};
  launch_rows(exec, n, ShiftRow{metric, view_.rows, shift, slack, shifted, norms_.data(), scales_.data(), exact_.data()});
  view_.shifted = shifted;
  view_.norms = norms_.data();
  view_.scales = scales_.data();
  view_.exact = exact_.data();
}

DeviceBuffer<float> middle_on_device(Exec& exec, MatrixView<const float> rows) {
  const DeviceMatrixInput<float> input(exec, rows);
  DeviceBuffer<float> out(exec, rows.columns);
  const int64_t step = rows.rows > kMostSampled ? rows.rows / kMostSampled : 1;
  launch_rows(exec, rows.columns, MiddleColumn{input.view(), step, out.data()});
  return out;
}

}  // namespace crisp::gpu
