#include "profile/profile.h"

#include <algorithm>

#include "core/progress.h"
#include "cuda/nvtx.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"
#include "profile/alerts.h"
#include "profile/column_scan.h"
#include "profile/duplicate_rows.h"

namespace crisp {
namespace {

constexpr double kBins = 48;
constexpr int64_t kBatchBytes = int64_t{1} << 30;
constexpr int64_t kBytesPerRow = 24;  // finite values, then keys and rows of texts or the integers read again

/// One column at work.
struct Work {
  int index = 0;
  std::vector<double> finite;
};

void add_moments(Exec& exec, const std::vector<double>& finite, ColumnProfile& out) {
  if (finite.empty()) return;
  const ColumnStatistics found =
      column_statistics(exec, {finite.data(), static_cast<int64_t>(finite.size())});
  out.mean = found.mean;
  if (out.type == ColumnType::boolean) return;
  out.low = found.low;
  out.high = found.high;
  out.deviation = std::sqrt(found.variance);
  out.skewness = found.skewness;
  out.kurtosis = found.kurtosis;
}

struct Bins {
  double low, high;
  int64_t count;
};

/// Whole numbers get whole bins around themselves, so that none is drawn with two values where its neighbours
/// have one.
Bins whole_bins(double low, double high) {
  const double width = std::max(1.0, std::ceil((high - low + 1) / kBins));
  const double count = std::floor((high - low) / width) + 1;
  return {low - 0.5, low - 0.5 + count * width, static_cast<int64_t>(count)};
}

Bins bins_of(const ColumnProfile& column) {
  const double first = column.quantiles.front(), last = column.quantiles.back(), reach = last - first;
  const bool tails = reach > 0;
  const double low = tails ? std::max(column.low, first - reach) : column.low;
  const double high = tails ? std::min(column.high, last + reach) : column.high;
  if (column.type == ColumnType::integer) return whole_bins(std::ceil(low), std::floor(high));
  return {low, high, static_cast<int64_t>(kBins)};
}

/// In any order of values.
void add_histogram(Exec& exec, const std::vector<double>& finite, ColumnProfile& out) {
  if (finite.empty() || out.type == ColumnType::boolean) return;
  const auto size = static_cast<int64_t>(finite.size());
  const Bins bins = bins_of(out);
  if (!(bins.low < bins.high) || !std::isfinite(bins.high - bins.low)) {
    out.histogram = {out.low, out.high, {size}};
    return;
  }
  out.histogram = {bins.low, bins.high,
                   histogram(exec, {finite.data(), size}, bins.low, bins.high, bins.count)};
  out.histogram.below =
      std::count_if(finite.begin(), finite.end(), [&](double value) { return value < bins.low; });
  out.histogram.above =
      std::count_if(finite.begin(), finite.end(), [&](double value) { return value > bins.high; });
}

/// The kernels use all threads on one column; sorting uses one thread a column.
void profile_batch(Exec& exec, const Table& table, std::vector<Work>& batch,
                   std::vector<ColumnProfile>& out) {
  for (Work& work : batch) {
    ColumnProfile& column = out[static_cast<size_t>(work.index)];
    work.finite = finite_values(table, work.index, column);
    add_moments(exec, work.finite, column);
  }
  exec.threads().run(static_cast<int64_t>(batch.size()), [&](int64_t i) {
    Work& work = batch[static_cast<size_t>(i)];
    scan_column(table, work.index, work.finite, out[static_cast<size_t>(work.index)]);
  });
  for (Work& work : batch) add_histogram(exec, work.finite, out[static_cast<size_t>(work.index)]);
}

}  // namespace

int64_t TableProfile::missing() const {
  int64_t sum = 0;
  for (const ColumnProfile& column : columns) sum += column.missing;
  return sum;
}

double TableProfile::missing_share() const {
  const double cells = static_cast<double>(rows) * static_cast<double>(columns.size());
  return cells > 0 ? static_cast<double>(missing()) / cells : 0.0;
}

TableProfile profile_table(Exec& exec, const Table& table) {
  const NvtxRange range("profile_table");
  TableProfile out;
  out.rows = table.rows();
  for (const ColumnInfo& info : table.schema()) {
    ColumnProfile& column = out.columns.emplace_back();
    column.name = info.name;
    column.type = info.type;
  }
  const int64_t fit = kBatchBytes / (kBytesPerRow * std::max<int64_t>(1, out.rows));
  const int batch_size = static_cast<int>(std::clamp<int64_t>(fit, 1, 2 * exec.threads().threads()));
  Progress progress("profile", table.columns(), "columns");
  for (int begin = 0; begin < table.columns(); begin += batch_size) {
    std::vector<Work> batch;
    for (int j = begin; j < std::min(table.columns(), begin + batch_size); ++j) batch.push_back({j, {}});
    profile_batch(exec, table, batch, out.columns);
    progress.step(static_cast<int64_t>(batch.size()));
  }
  out.duplicates = count_duplicate_rows(exec, table);
  out.alerts = find_alerts(out);
  return out;
}

}  // namespace crisp
