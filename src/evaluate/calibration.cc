#include "evaluate/calibration.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "evaluate/metrics.h"
#include "evaluate/quantile.h"

namespace crisp {
namespace {

std::vector<double> inner_edges(std::span<const double> said, int bins, BinRule rule) {
  std::vector<double> sorted;
  if (rule == BinRule::quantile) sorted.assign(said.begin(), said.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges;
  for (int i = 1; i < bins; ++i) {
    const double at =
        i * (1.0 / bins);  // rounded as numpy's linspace: a value on an edge falls on the same side
    edges.push_back(sorted.empty() ? at : quantile_of_sorted(sorted, at));
  }
  return edges;
}

}  // namespace

Calibration::Calibration(std::span<const double> said, std::span<const uint8_t> true_rows, int bins,
                         BinRule rule)
    : bins_(static_cast<size_t>(bins)) {
  CRISP_ASSERT(said.size() == true_rows.size() && bins >= 1 && bins <= 255);
  const std::vector<double> edges = inner_edges(said, bins, rule);
  rows_.reserve(said.size());
  for (size_t i = 0; i < said.size(); ++i) {
    const auto bin = std::lower_bound(edges.begin(), edges.end(), said[i]) - edges.begin();
    rows_.push_back({said[i], static_cast<uint8_t>(bin), static_cast<uint8_t>(true_rows[i] != 0)});
  }
}

std::vector<CalibrationBin> Calibration::bins(RowCounts counts) const {
  std::vector<CalibrationBin> sums(bins_);
  for_counted_rows(counts, rows_.size(), [&](size_t i, int64_t count) {
    CalibrationBin& bin = sums[rows_[i].bin];
    bin.predicted += static_cast<double>(count) * rows_[i].said;
    bin.actual += static_cast<double>(count * rows_[i].came_true);
    bin.rows += count;
  });
  std::erase_if(sums, [](const CalibrationBin& bin) { return bin.rows == 0; });
  for (CalibrationBin& bin : sums) {
    bin.predicted /= static_cast<double>(bin.rows);
    bin.actual /= static_cast<double>(bin.rows);
  }
  return sums;
}

double Calibration::expected_error(RowCounts counts) const {
  double error = 0;
  int64_t rows = 0;
  for (const CalibrationBin& bin : bins(counts)) {
    error += static_cast<double>(bin.rows) * std::abs(bin.predicted - bin.actual);
    rows += bin.rows;
  }
  return rows == 0 ? kUndefined : error / static_cast<double>(rows);
}

}  // namespace crisp
