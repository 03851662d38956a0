// Fits: statistics, percentiles and power fits, each of which has its engines; here they become centers and
// scales.
#include <algorithm>
#include <cmath>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/scale/power_fit.h"
#include "kernels/scale/scale.h"
#include "kernels/scale/scale_gpu.h"
#include "kernels/segments/segment_statistics_row.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"

namespace crisp {
namespace {

constexpr double kQuartiles[] = {25.0, 50.0, 75.0};

bool is_power(ScaleMethod method) {
  return method == ScaleMethod::box_cox || method == ScaleMethod::yeo_johnson;
}
bool is_robust(ScaleMethod method) {
  return method == ScaleMethod::robust || method == ScaleMethod::robust_arcsinh;
}

/// A column in the host's memory, for whoever explains what is wrong with it.
template <class T>
std::vector<T> on_host(Exec& exec, MatrixView<const T> rows, int64_t column) {
  std::vector<T> out(static_cast<size_t>(rows.rows));
  if (exec.is_cuda() && is_device_pointer(rows.data)) {
    copy_rows(exec, out.data(), sizeof(T), rows.data + column, static_cast<size_t>(rows.ld) * sizeof(T),
              sizeof(T), rows.rows);
    exec.synchronize();
  } else {
    for (int64_t i = 0; i < rows.rows; ++i) out[static_cast<size_t>(i)] = rows.at(i, column);
  }
  return out;
}

/// The first value that is `bad`, as "row 3".
template <class T>
std::pair<std::string, double> first_of(const std::vector<T>& values, auto bad) {
  const auto found = std::find_if(values.begin(), values.end(), bad);
  return {concat("row ", found - values.begin() + 1), static_cast<double>(*found)};
}

/// Refuses what cannot be scaled. `place` begins the message: nothing, or the column.
template <class T>
void check_column(Exec& exec, ScaleMethod method, const ColumnStatistics& s, MatrixView<const T> rows,
                  int64_t column, const std::string& place) {
  CRISP_REQUIRE(s.count > 0, Code::data, place, "no value to fit the scale on");
  if (!std::isfinite(s.low) || !std::isfinite(s.high)) {
    const auto [row, value] = first_of(on_host(exec, rows, column), [](T v) { return std::isinf(v); });
    fail(Code::data, place, row, ": an infinite value cannot be scaled");
  }
  if (method == ScaleMethod::box_cox && !(s.low > 0)) {
    const auto [row, value] = first_of(on_host(exec, rows, column), [](T v) { return v <= 0; });
    fail(Code::data, place, row, ": box_cox needs values above 0, not ", value, "; yeo_johnson takes any");
  }
}

/// Population standard deviation.
double deviation_of(const ColumnStatistics& s) {
  const double n = static_cast<double>(s.count);
  return s.count > 1 ? std::sqrt(s.variance * (n - 1.0) / n) : 0.0;
}

ScaleColumn from_statistics(ScaleMethod method, const ColumnStatistics& s,
                            const std::vector<double>& quartiles) {
  if (method == ScaleMethod::min_max) return {s.low, s.high - s.low, 1.0};
  if (method == ScaleMethod::max_abs) return {0.0, std::max(std::abs(s.low), std::abs(s.high)), 1.0};
  if (!is_robust(method)) return {s.mean, deviation_of(s), 1.0};
  // A column that is constant for the middle half may still vary outside of it.
  const double middle = quartiles[2] - quartiles[0];
  return {quartiles[1], middle > 0.0 ? middle : deviation_of(s), 1.0};
}

std::vector<std::vector<double>> quartiles_of(Exec& exec, MatrixView<const float> rows,
                                              std::span<const ColumnStatistics>) {
  return column_percentiles(exec, rows, kQuartiles);
}

/// The values at `ranks` (from 0) in ascending order, missing ones left out: the CPU engine.
std::vector<double> order_statistics(ArrayView<const double> values, std::span<const int64_t> ranks) {
  std::vector<double> present;
  std::copy_if(values.begin(), values.end(), std::back_inserter(present),
               [](double v) { return !std::isnan(v); });
  std::sort(present.begin(), present.end());
  std::vector<double> out;
  for (const int64_t rank : ranks) out.push_back(present[static_cast<size_t>(rank)]);
  return out;
}

/// Of the one column, by sorting it.
std::vector<std::vector<double>> quartiles_of(Exec& exec, MatrixView<const double> column,
                                              std::span<const ColumnStatistics> statistics) {
  std::vector<int64_t> ranks;
  for (const double percent : kQuartiles) {
    const int64_t index = percentile_place(statistics[0].count, percent).index;
    ranks.push_back(index);
    ranks.push_back(std::min(index + 1, statistics[0].count - 1));
  }
  const ArrayView<const double> values{column.data, column.rows};
  const std::vector<double> found =
      exec.is_cuda() ? gpu::order_statistics(exec, values, ranks) : order_statistics(values, ranks);
  std::vector<double> out;
  for (size_t k = 0; k < std::size(kQuartiles); ++k) {
    const double share = percentile_place(statistics[0].count, kQuartiles[k]).share;
    out.push_back(between(found[2 * k], found[2 * k + 1], share));
  }
  return {out};
}

/// The parameters of every column, checked. `name(j)` begins the messages about column j.
template <class T>
std::vector<ScaleColumn> fit_columns(Exec& exec, ScaleMethod method, MatrixView<const T> rows,
                                     std::span<const ColumnStatistics> statistics, auto name) {
  for (int64_t j = 0; j < rows.columns; ++j) {
    check_column(exec, method, statistics[static_cast<size_t>(j)], rows, j, name(j));
  }
  std::vector<ScaleColumn> out;
  if (is_power(method)) {
    out = fit_power(exec, method, rows, statistics);
  } else {
    std::vector<std::vector<double>> quartiles(statistics.size());
    if (is_robust(method)) quartiles = quartiles_of(exec, rows, statistics);
    for (size_t j = 0; j < statistics.size(); ++j)
      out.push_back(from_statistics(method, statistics[j], quartiles[j]));
  }
  for (size_t j = 0; j < out.size(); ++j) {
    // Also where the spread is too small to divide by.
    if (!(out[j].scale > 0.0) || !std::isfinite(1.0 / out[j].scale)) out[j].scale = 1.0;
    CRISP_REQUIRE(std::isfinite(out[j].center) && std::isfinite(out[j].scale), Code::data,
                  name(static_cast<int64_t>(j)), "the values are too large to be scaled by ",
                  scale_method_name(method));
  }
  return out;
}

bool fits_nothing(ScaleMethod method) {
  return method == ScaleMethod::row_l2 || method == ScaleMethod::log1p;
}

}  // namespace

ScaleColumn fit_scale_column(Exec& exec, ScaleMethod method, ArrayView<const double> values) {
  const NvtxRange range("scale.fit");
  if (fits_nothing(method)) return {};
  const std::vector<ColumnStatistics> statistics = {column_statistics(exec, values)};
  const MatrixView<const double> column{values.data, values.size, 1, 1};
  return fit_columns(exec, method, column, statistics, [](int64_t) { return std::string(); })[0];
}

std::vector<ScaleColumn> fit_scale(Exec& exec, ScaleMethod method, MatrixView<const float> rows) {
  const NvtxRange range("scale.fit");
  if (fits_nothing(method)) return std::vector<ScaleColumn>(static_cast<size_t>(rows.columns));
  return fit_columns(exec, method, rows, column_statistics(exec, rows),
                     [](int64_t j) { return concat("column ", j + 1, ": "); });
}

}  // namespace crisp
