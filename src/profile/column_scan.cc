#include "profile/column_scan.h"

#include <algorithm>
#include <utility>

#include "kernels/segments/segment_statistics_row.h"
#include "profile/arrow_cells.h"
#include "profile/cell_hash.h"
#include "report/display_text.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

constexpr double kMicroseconds = 1e6;
constexpr size_t kLongestValue = 200;

/// Equal values beside each other.
struct Run {
  int64_t first = 0, count = 0;
};

/// Longer runs come first, then earlier ones.
bool before(const Run& a, const Run& b) { return a.count != b.count ? a.count > b.count : a.first < b.first; }

/// Walks the runs of `size` sorted items; sets distinct and imbalance, and gives the most frequent runs.
template <class Same, class Place>
std::vector<Run> frequent_runs(int64_t size, Same same, Place place, ColumnProfile& out) {
  std::vector<Run> best;  // a heap, the least frequent on top
  double weighted = 0;    // sum of count * log(count)
  for (int64_t begin = 0, end = 0; begin < size; begin = end) {
    for (end = begin + 1; end < size && same(begin, end);) ++end;
    ++out.distinct;
    const auto count = static_cast<double>(end - begin);
    if (end - begin > 1) weighted += count * std::log(count);
    const Run run{place(begin), end - begin};
    if (best.size() == kFrequentValues && !before(run, best.front())) continue;
    if (best.size() == kFrequentValues) {
      std::pop_heap(best.begin(), best.end(), before);
      best.pop_back();
    }
    best.push_back(run);
    std::push_heap(best.begin(), best.end(), before);
  }
  if (out.distinct > 1) {
    const auto n = static_cast<double>(size);
    out.imbalance = 1 - (std::log(n) - weighted / n) / std::log(static_cast<double>(out.distinct));
  }
  std::sort(best.begin(), best.end(), before);
  return best;
}

template <class T>
std::string text_of(T value, ColumnType type) {
  std::string text;
  if constexpr (std::is_same_v<T, double>)
    append_real(text, value + 0.0);
  else if (type == ColumnType::timestamp)
    append_timestamp(text, value);
  else if (type == ColumnType::boolean)
    append_boolean(text, value != 0);
  else
    append_integer(text, value);
  return text;
}

template <class T>
void scan_sorted(const std::vector<T>& sorted, ColumnProfile& out) {
  const auto size = static_cast<int64_t>(sorted.size());
  const auto same = [&](int64_t a, int64_t b) {
    return sorted[static_cast<size_t>(a)] == sorted[static_cast<size_t>(b)];
  };
  for (const Run& run : frequent_runs(
           size, same, [](int64_t begin) { return begin; }, out)) {
    out.frequent.push_back({text_of(sorted[static_cast<size_t>(run.first)], out.type), run.count});
  }
  if (out.type == ColumnType::boolean) return;
  const auto [zero, end] = std::equal_range(sorted.begin(), sorted.end(), T{0});
  if (out.type != ColumnType::timestamp) out.zeros = end - zero;
  const double unit = out.type == ColumnType::timestamp ? kMicroseconds : 1.0;
  for (size_t k = 0; k < kProfilePercents.size() && size > 0; ++k) {
    const PercentilePlace at = percentile_place(size, kProfilePercents[k]);
    const auto value = [&](int64_t i) {
      return static_cast<double>(sorted[static_cast<size_t>(std::min(i, size - 1))]) / unit;
    };
    out.quantiles[k] = between(value(at.index), value(at.index + 1), at.share);
  }
}

/// Infinite values are as different as any others, but stand outside of what is sorted.
void add_infinite(const arrow::ChunkedArray& column, ColumnProfile& out) {
  int64_t negative = 0;
  for_each_cell_of<arrow::DoubleArray>(
      column, [&](int64_t, double value) { negative += value == -HUGE_VAL; }, [](int64_t) {});
  out.distinct += (negative > 0) + (out.infinite > negative);
}

std::vector<int64_t> whole_values(const arrow::ChunkedArray& column, ColumnType type) {
  std::vector<int64_t> values;
  values.reserve(static_cast<size_t>(column.length() - column.null_count()));
  for_each_cell(
      column, type,
      [&](int64_t, auto cell) {
        if constexpr (std::is_integral_v<decltype(cell)>) values.push_back(static_cast<int64_t>(cell));
      },
      [](int64_t) {});
  return values;
}

/// A page of text as one value must not become the report.
std::string shortened(std::string_view text) {
  return text.size() <= kLongestValue ? std::string(text) : report::fitted(text, kLongestValue);
}

/// Hash and row, so that no text is copied.
void scan_texts(const Table& table, int column, ColumnProfile& out) {
  std::vector<std::pair<uint64_t, int64_t>> keys;
  keys.reserve(static_cast<size_t>(table.rows()));
  for_each_cell_of<arrow::StringArray>(
      *table.arrow()->column(column),
      [&](int64_t row, std::string_view cell) { keys.emplace_back(mixed(cell_hash(cell)), row); },
      [&](int64_t) { ++out.missing; });
  out.count = static_cast<int64_t>(keys.size());
  std::sort(keys.begin(), keys.end());
  const auto same = [&](int64_t a, int64_t b) {
    return keys[static_cast<size_t>(a)].first == keys[static_cast<size_t>(b)].first;
  };
  const auto row_of = [&](int64_t begin) { return keys[static_cast<size_t>(begin)].second; };
  for (const Run& run : frequent_runs(out.count, same, row_of, out)) {
    const auto cell = table.arrow()->column(column)->Slice(run.first, 1);
    for_each_cell_of<arrow::StringArray>(
        *cell,
        [&](int64_t, std::string_view text) {
          out.frequent.push_back({shortened(text), run.count});
        },
        [](int64_t) {});
  }
}

}  // namespace

std::vector<double> finite_values(const Table& table, int column, ColumnProfile& out) {
  std::vector<double> values;
  if (out.type == ColumnType::text) return values;
  values.reserve(static_cast<size_t>(table.rows()));
  const double unit = out.type == ColumnType::timestamp ? kMicroseconds : 1.0;
  for_each_cell(
      *table.arrow()->column(column), out.type,
      [&](int64_t, auto cell) {
        if constexpr (!std::is_same_v<decltype(cell), std::string_view>) {
          const double value = static_cast<double>(cell) / unit;
          ++out.count;
          if (std::isfinite(value))
            values.push_back(value);
          else
            ++out.infinite;
        }
      },
      [&](int64_t) { ++out.missing; });
  return values;
}

void scan_column(const Table& table, int column, std::vector<double>& finite, ColumnProfile& out) {
  if (out.type == ColumnType::text) return scan_texts(table, column, out);
  const arrow::ChunkedArray& cells = *table.arrow()->column(column);
  if (out.type == ColumnType::real) {
    std::sort(finite.begin(), finite.end());
    scan_sorted(finite, out);
    if (out.infinite > 0) add_infinite(cells, out);
    return;
  }
  std::vector<int64_t> values = whole_values(cells, out.type);
  std::sort(values.begin(), values.end());
  scan_sorted(values, out);
}

}  // namespace crisp
