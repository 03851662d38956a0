#include "profile/column_scan.h"

#include <algorithm>
#include <cmath>

#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/joined_statistics.h"
#include "profile/arrow_cells.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

constexpr double kMicroseconds = 1e6;
constexpr double kBins = 48;
constexpr int64_t kCollect = int64_t{1} << 16;  // values of a column: half a MiB

double unit_of(ColumnType type) { return type == ColumnType::timestamp ? kMicroseconds : 1.0; }

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

uint64_t key_of(double value) { return cell_hash(value); }
uint64_t key_of(int64_t value) { return static_cast<uint64_t>(value); }
uint64_t key_of(bool value) { return value; }

double value_of(uint64_t key, ColumnType type) {
  double value = static_cast<double>(static_cast<int64_t>(key));
  if (type == ColumnType::real) std::memcpy(&value, &key, sizeof value);
  return value;
}

}  // namespace

ColumnScan::ColumnScan(ColumnProfile& out) : out_(out), search_(1, kProfilePercents, kCollect) {}

/// What is there, what is missing, how many differ.
void ColumnScan::count_cells(const arrow::ChunkedArray& cells) {
  for_each_cell(
      cells, out_.type,
      [&](int64_t, auto cell) {
        ++out_.count;
        if constexpr (std::is_same_v<decltype(cell), double>) {
          if (!std::isfinite(cell)) {
            ++out_.infinite;
            negative_infinite_ += cell < 0;
            return;
          }
        }
        if constexpr (std::is_same_v<decltype(cell), std::string_view>)
          values_.add(cell);
        else
          values_.add(key_of(cell));
        if constexpr (std::is_same_v<decltype(cell), double> || std::is_same_v<decltype(cell), int64_t>)
          out_.zeros += cell == 0 && out_.type != ColumnType::timestamp;
      },
      [&](int64_t) { ++out_.missing; });
}

void ColumnScan::gather_finite(const arrow::ChunkedArray& cells) {
  finite_.clear();
  finite_.reserve(static_cast<size_t>(cells.length()));
  const double unit = unit_of(out_.type);
  for_each_cell(
      cells, out_.type,
      [&](int64_t, auto cell) {
        if constexpr (!std::is_same_v<decltype(cell), std::string_view>) {
          const double value = static_cast<double>(cell) / unit;
          if (std::isfinite(value)) finite_.push_back(value);
        }
      },
      [](int64_t) {});
}

void ColumnScan::add(Exec& exec, const arrow::ChunkedArray& cells) {
  if (stage_ == Stage::done) return;
  if (stage_ == Stage::first) count_cells(cells);
  if (out_.type == ColumnType::text) return;
  gather_finite(cells);
  const auto size = static_cast<int64_t>(finite_.size());
  if (size == 0) return;
  if (stage_ == Stage::first) moments_ = joined(moments_, column_statistics(exec, {finite_.data(), size}));
  if (out_.type == ColumnType::boolean) return;
  if (stage_ != Stage::histogram) return search_.add(exec, {finite_.data(), size, 1, 1});
  ColumnHistogram& drawn = out_.histogram;
  const auto counts = histogram(exec, {finite_.data(), size}, drawn.low, drawn.high, static_cast<int64_t>(drawn.counts.size()));
  for (size_t i = 0; i < counts.size(); ++i) drawn.counts[i] += counts[i];
  for (const double value : finite_) {
    drawn.below += value < drawn.low;
    drawn.above += value > drawn.high;
  }
}

void ColumnScan::end_pass() {
  if (stage_ == Stage::first) finish_first();
  const bool searched = stage_ == Stage::first || stage_ == Stage::quantiles;
  const bool numbers = out_.type != ColumnType::text && out_.type != ColumnType::boolean && moments_.count > 0;
  if (!numbers || !searched) {
    stage_ = Stage::done;
    return;
  }
  search_.end_pass();
  stage_ = Stage::quantiles;
  if (search_.done()) finish_quantiles();
}

void ColumnScan::finish_first() {
  const int64_t finite = out_.count - out_.infinite;
  out_.distinct = values_.distinct(finite) + (negative_infinite_ > 0) + (out_.infinite > negative_infinite_);
  out_.distinct_exact = values_.exact();
  out_.imbalance = values_.imbalance(finite);
  fill_frequent();
  values_ = ValueCounts();
  if (moments_.count == 0) return;
  out_.mean = moments_.mean;
  if (out_.type == ColumnType::boolean) return;
  out_.low = moments_.low;
  out_.high = moments_.high;
  out_.deviation = std::sqrt(moments_.variance);
  out_.skewness = moments_.skewness;
  out_.kurtosis = moments_.kurtosis;
}

void ColumnScan::finish_quantiles() {
  const std::vector<double> found = search_.answers()[0];
  std::copy(found.begin(), found.end(), out_.quantiles.begin());
  begin_histogram();
}

void ColumnScan::begin_histogram() {
  const Bins bins = bins_of(out_);
  if (!(bins.low < bins.high) || !std::isfinite(bins.high - bins.low)) {
    out_.histogram = {out_.low, out_.high, {moments_.count}};
    stage_ = Stage::done;
    return;
  }
  out_.histogram = {bins.low, bins.high, std::vector<int64_t>(static_cast<size_t>(bins.count), 0)};
  stage_ = Stage::histogram;
}

std::string ColumnScan::text_of(const ValueCounts::Counted& value) const {
  std::string text;
  switch (out_.type) {
    case ColumnType::boolean:
      append_boolean(text, value.key != 0);
      break;
    case ColumnType::integer:
      append_integer(text, static_cast<int64_t>(value.key));
      break;
    case ColumnType::real:
      append_real(text, value_of(value.key, out_.type));
      break;
    case ColumnType::timestamp:
      append_timestamp(text, static_cast<int64_t>(value.key));
      break;
    case ColumnType::text:
      return value.text;
  }
  return text;
}

/// Equally frequent ones: numbers from the smallest, texts as they came.
void ColumnScan::fill_frequent() {
  std::vector<ValueCounts::Counted> values = values_.counted();
  const auto before = [&](const ValueCounts::Counted& a, const ValueCounts::Counted& b) {
    if (a.count != b.count) return a.count > b.count;
    if (out_.type == ColumnType::text) return a.first < b.first;
    if (out_.type == ColumnType::real) return value_of(a.key, out_.type) < value_of(b.key, out_.type);
    return static_cast<int64_t>(a.key) < static_cast<int64_t>(b.key);
  };
  const size_t most = std::min(values.size(), kFrequentValues);
  std::partial_sort(values.begin(), values.begin() + static_cast<int64_t>(most), values.end(), before);
  for (size_t i = 0; i < most; ++i) out_.frequent.push_back({text_of(values[i]), values[i].count});
}

}  // namespace crisp
