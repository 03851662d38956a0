#include "kernels/histogram/bins.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/histogram/binned.h"

namespace crisp {
namespace {

/// Columns that are taken out of the rows in one pass: a row's 16 floats lie in one line of the cache.
constexpr int64_t kColumnsAtOnce = 16;
constexpr int kDigitBits = 11, kDigits = 3;

uint32_t key_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}

float value_of(uint32_t key) { return std::bit_cast<float>(key >> 31 ? key & 0x7fffffffu : ~key); }

/// By digits, from the last.
void sort_keys(std::vector<uint32_t>& keys) {
  std::vector<uint32_t> other(keys.size());
  std::array<std::array<uint32_t, 1 << kDigitBits>, kDigits> places{};
  constexpr uint32_t kMask = (1u << kDigitBits) - 1;
  for (const uint32_t key : keys) {
    for (int d = 0; d < kDigits; ++d) ++places[static_cast<size_t>(d)][key >> (d * kDigitBits) & kMask];
  }
  for (int d = 0; d < kDigits; ++d) {
    auto& place = places[static_cast<size_t>(d)];
    std::exclusive_scan(place.begin(), place.end(), place.begin(), 0u);
    for (const uint32_t key : keys) other[place[key >> (d * kDigitBits) & kMask]++] = key;
    keys.swap(other);
  }
}

/// Between a and b > a, at or above a.
float between(float a, float b) {
  const auto middle = static_cast<float>(0.5 * static_cast<double>(a) + 0.5 * static_cast<double>(b));
  return middle < b ? middle : a;
}

/// Whether bins depend on which values a column has.
bool counts_values(int32_t categories) { return categories == 0 || categories > kMostBins; }

/// A column's values without NaN, behind those that are there.
void append_numbers(MatrixView<const float> rows, int64_t j, std::vector<float>& values) {
  for (int64_t i = 0; i < rows.rows; ++i) {
    if (rows.at(i, j) == rows.at(i, j)) values.push_back(rows.at(i, j));
  }
}

/// Codes of categories: their own, or where there are too many by how often they are there.
std::vector<uint8_t> category_table(const ValueCounts& counted, int32_t categories) {
  std::vector<uint8_t> table(static_cast<size_t>(categories));
  if (categories <= kMostBins) {
    std::iota(table.begin(), table.end(), uint8_t{1});
    return table;
  }
  std::vector<int64_t> counts(table.size());
  for (size_t k = 0; k < counted.values.size(); ++k) {
    const float x = counted.values[k];
    if (x >= 0 && x < static_cast<float>(categories)) counts[static_cast<size_t>(x)] += counted.counts[k];
  }
  std::vector<int32_t> order(table.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return counts[static_cast<size_t>(a)] > counts[static_cast<size_t>(b)];
  });
  for (size_t k = 0; k < order.size(); ++k) {
    table[static_cast<size_t>(order[k])] = static_cast<uint8_t>(std::min<size_t>(k, kMostBins - 1) + 1);
  }
  return table;
}

/// What is found of a column: the bounds of numbers, or the table of categories.
struct ColumnBins {
  std::vector<float> bounds;
  std::vector<uint8_t> table;
};

ColumnBins fit_column(const ValueCounts& counts, int32_t categories, int most_bins) {
  if (categories > 0) return {{}, category_table(counts, categories)};
  return {cut_values(counts, most_bins), {}};
}

Bins together(const std::vector<ColumnBins>& columns, ArrayView<const int32_t> categories) {
  Bins bins;
  bins.categories.assign(categories.begin(), categories.end());
  for (const ColumnBins& column : columns) {
    bins.bounds.insert(bins.bounds.end(), column.bounds.begin(), column.bounds.end());
    bins.first.push_back(static_cast<int64_t>(bins.bounds.size()));
    bins.table.insert(bins.table.end(), column.table.begin(), column.table.end());
    bins.table_first.push_back(static_cast<int64_t>(bins.table.size()));
  }
  return bins;
}

}  // namespace

int Bins::codes(int64_t j) const {
  const auto at = static_cast<size_t>(j);
  if (categories[at] > 0) return std::min(categories[at], kMostBins) + 1;
  return static_cast<int>(first[at + 1] - first[at]) + 2;
}

std::vector<int32_t> Bins::all_codes() const {
  std::vector<int32_t> all;
  for (int64_t j = 0; j < columns(); ++j) all.push_back(codes(j));
  return all;
}

ValueCounts count_values(std::vector<float>& values) {
  std::vector<uint32_t> keys(values.size());
  std::transform(values.begin(), values.end(), keys.begin(), [](float value) { return key_of(value + 0.0f); });
  values = {};
  sort_keys(keys);
  ValueCounts counts;
  for (size_t begin = 0, end; begin < keys.size(); begin = end) {
    for (end = begin + 1; end < keys.size() && keys[end] == keys[begin];) ++end;
    counts.values.push_back(value_of(keys[begin]));
    counts.counts.push_back(static_cast<int64_t>(end - begin));
  }
  return counts;
}

ValueCounts merge_counts(const ValueCounts& a, const ValueCounts& b) {
  ValueCounts both;
  for (size_t i = 0, k = 0; i < a.values.size() || k < b.values.size();) {
    const bool from_a = k == b.values.size() || (i < a.values.size() && a.values[i] <= b.values[k]);
    const bool from_b = i == a.values.size() || (k < b.values.size() && b.values[k] <= a.values[i]);
    both.values.push_back(from_a ? a.values[i] : b.values[k]);
    both.counts.push_back((from_a ? a.counts[i] : 0) + (from_b ? b.counts[k] : 0));
    i += from_a;
    k += from_b;
  }
  return both;
}

std::vector<float> cut_values(const ValueCounts& counts, int most_bins) {
  const size_t different = counts.values.size();
  std::vector<float> bounds;
  if (different <= static_cast<size_t>(most_bins)) {
    for (size_t k = 1; k < different; ++k) bounds.push_back(between(counts.values[k - 1], counts.values[k]));
    return bounds;
  }
  int64_t rest = std::accumulate(counts.counts.begin(), counts.counts.end(), int64_t{0});
  int64_t bins = most_bins;
  const auto large = static_cast<double>(rest) / most_bins;
  const auto is_large = [&](size_t k) { return static_cast<double>(counts.counts[k]) >= large; };
  for (size_t k = 0; k < different; ++k) {
    if (!is_large(k)) continue;
    rest -= counts.counts[k];
    --bins;
  }
  double usual = bins > 0 ? static_cast<double>(rest) / static_cast<double>(bins) : 0;
  int64_t held = 0;
  for (size_t k = 0; k + 1 < different && bounds.size() + 1 < static_cast<size_t>(most_bins); ++k) {
    held += counts.counts[k];
    const auto enough = static_cast<double>(held);
    if (!is_large(k) && enough < usual && !(is_large(k + 1) && enough >= std::max(1.0, 0.5 * usual))) continue;
    bounds.push_back(between(counts.values[k], counts.values[k + 1]));
    if (!is_large(k)) {
      rest -= held;
      if (--bins > 0) usual = static_cast<double>(rest) / static_cast<double>(bins);
    }
    held = 0;
  }
  return bounds;
}

Bins fit_bins(Exec& exec, MatrixView<const float> rows, ArrayView<const int32_t> categories, int most_bins) {
  CRISP_ASSERT(most_bins >= 2 && most_bins <= kMostBins && categories.size == rows.columns);
  const NvtxRange range("fit_bins");
  std::vector<ColumnBins> found(static_cast<size_t>(rows.columns));
  for (int64_t begin = 0; begin < rows.columns; begin += kColumnsAtOnce) {
    exec.threads().run(std::min(kColumnsAtOnce, rows.columns - begin), [&](int64_t k) {
      const int64_t j = begin + k;
      std::vector<float> values;
      if (counts_values(categories[j])) {
        values.reserve(static_cast<size_t>(rows.rows));
        append_numbers(rows, j, values);
      }
      found[static_cast<size_t>(j)] = fit_column(count_values(values), categories[j], most_bins);
    });
  }
  return together(found, categories);
}

Bins fit_bins(Exec& exec, int64_t rows, const RowParts& parts, ArrayView<const int32_t> categories, int most_bins, const MergeCounts& merge) {
  CRISP_ASSERT(most_bins >= 2 && most_bins <= kMostBins);
  const NvtxRange range("fit_bins");
  const int64_t columns = categories.size;
  const int64_t at_once = std::max(kColumnsAtOnce, (BinnedRows::stride_of(columns) + columns) / static_cast<int64_t>(sizeof(float)));
  std::vector<ColumnBins> found(static_cast<size_t>(columns));
  for (int64_t begin = 0; begin < columns; begin += at_once) {
    std::vector<std::vector<float>> values(static_cast<size_t>(std::min(at_once, columns - begin)));
    const auto count = static_cast<int64_t>(values.size());
    for (int64_t k = 0; k < count; ++k) {
      if (counts_values(categories[begin + k])) values[static_cast<size_t>(k)].reserve(static_cast<size_t>(rows));
    }
    parts([&](MatrixView<const float> part) {
      exec.threads().run(count, [&](int64_t k) {
        if (counts_values(categories[begin + k])) append_numbers(part, begin + k, values[static_cast<size_t>(k)]);
      });
    });
    const auto fit = [&](int64_t k) {
      ValueCounts counts = count_values(values[static_cast<size_t>(k)]);
      if (merge && counts_values(categories[begin + k])) merge(counts);
      found[static_cast<size_t>(begin + k)] = fit_column(counts, categories[begin + k], most_bins);
    };
    if (!merge) exec.threads().run(count, fit);
    for (int64_t k = 0; merge && k < count; ++k) fit(k);  // one by one: counts of all rows are large
  }
  return together(found, categories);
}

}  // namespace crisp
