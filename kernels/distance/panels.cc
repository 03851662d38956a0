#include "kernels/distance/panels.h"

#include <algorithm>
#include <cmath>

#include "kernels/distance/distance_bound.h"
#include "kernels/distance/distance_row.h"

namespace crisp::distance {
namespace {

constexpr int64_t kGrain = 2048;  // rows of a task; a multiple of kPanelRows
constexpr int64_t kMostSampled = 4096;

}  // namespace

PaddedRows pad_rows(Exec& exec, Metric metric, MatrixView<const float> rows) {
  const int64_t ld = (rows.columns + 15) / 16 * 16;
  PaddedRows out{AlignedFloats(rows.rows * ld), rows.rows, rows.columns, ld, {}};
  if (metric == Metric::cosine) out.scale.resize(static_cast<size_t>(rows.rows));
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::copy_n(rows.row(i), rows.columns, out.values.data() + i * ld);
      if (metric == Metric::cosine) out.scale[static_cast<size_t>(i)] = direction_scale(rows.row(i), rows.columns);
    }
  });
  return out;
}

Panels pack_panels(Exec& exec, Metric metric, const PaddedRows& rows, const float* shift) {
  Panels out;
  out.rows = rows.rows;
  out.columns = rows.columns;
  out.values = AlignedFloats(out.panels() * kPanelRows * rows.columns);
  out.norms.resize(static_cast<size_t>(out.panels() * kPanelRows));
  const double slack = relative_slack(rows.columns);
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* from = rows.row(i);
      float* to = out.values.data() + i / kPanelRows * rows.columns * kPanelRows + i % kPanelRows;
      double norm = 0;
      for (int64_t j = 0; j < rows.columns; ++j) {
        const float x = shifted_value(metric, from[j], shift[j], rows.scale_of(i));
        to[j * kPanelRows] = x;
        norm += square(static_cast<double>(x));
      }
      out.norms[static_cast<size_t>(i)] = packed_norm(metric, norm, rows.scale_of(i), slack);
    }
  });
  return out;
}

void pack_group(Metric metric, const PaddedRows& rows, int64_t first, int count, const float* shift, float factor,
                float* values, double* norms) {
  std::fill_n(values, rows.columns * kGroupRows, 0.0f);
  std::fill_n(norms, kGroupRows, 0.0);
  for (int r = 0; r < count; ++r) {
    for (int64_t j = 0; j < rows.columns; ++j) {
      const float x = shifted_value(metric, rows.row(first + r)[j], shift[j], rows.scale_of(first + r));
      values[j * kGroupRows + r] = factor * x;
      norms[r] += square(static_cast<double>(x));
    }
  }
}

std::vector<float> middle_of(MatrixView<const float> rows) {
  const int64_t step = std::max<int64_t>(1, rows.rows / kMostSampled);
  std::vector<double> sum(static_cast<size_t>(rows.columns));
  std::vector<int64_t> count(sum.size());
  for (int64_t i = 0; i < rows.rows; i += step) {
    for (int64_t j = 0; j < rows.columns; ++j) {
      const double x = static_cast<double>(rows.at(i, j));
      if (!std::isfinite(x)) continue;
      sum[static_cast<size_t>(j)] += x;
      ++count[static_cast<size_t>(j)];
    }
  }
  std::vector<float> out(sum.size());
  for (size_t j = 0; j < out.size(); ++j) {
    out[j] = count[j] == 0 ? 0.0f : static_cast<float>(sum[j] / static_cast<double>(count[j]));
  }
  return out;
}

}  // namespace crisp::distance
