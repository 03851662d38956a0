#include "kernels/statistics/percentiles.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/segments/segment_statistics_row.h"
#include "kernels/statistics/percentiles_gpu.h"

namespace crisp {
namespace {

/// Rows a task of a counting pass: large, because each task clears and adds up histograms of its own.
constexpr int64_t kTaskRows = int64_t{1} << 18;
constexpr int64_t kMaxBins = 65'536;

}  // namespace

template <class T>
PercentileSearch<T>::PercentileSearch(int64_t columns, std::span<const double> percents, int64_t collect)
    : percents_(percents.begin(), percents.end()), columns_(static_cast<size_t>(columns)), collect_(collect) {
  for (const double percent : percents) CRISP_ASSERT(percent >= 0.0 && percent <= 100.0);
  begin_pass();
}

template <class T>
void PercentileSearch<T>::begin_pass() {
  int64_t slots = 0;
  for (Column& column : columns_) {
    column.first = slots;
    slots += column.slots;
  }
  counts_.assign(static_cast<size_t>(slots) * kDigitValues, 0);
}

/// The histogram that a key leads to behind its first `digits` digits, or -1.
template <class T>
int32_t PercentileSearch<T>::slot_of(const Column& column, Key key, int digits) {
  int32_t slot = 0;
  for (int d = 0; d < digits && slot >= 0; ++d) {
    slot = column.next[d][static_cast<size_t>(slot) * kDigitValues + key_digit<T>(key, d)];
  }
  return slot;
}

/// Counts this pass's digit of every value that can still be an answer.
template <class T>
void PercentileSearch<T>::count_rows(MatrixView<const T> rows, uint32_t* counts) const {
  for (int64_t i = 0; i < rows.rows; ++i) {
    const T* row = rows.row(i);
    for (int64_t j = 0; j < rows.columns; ++j) {
      if (row[j] != row[j]) continue;
      const Column& column = columns_[static_cast<size_t>(j)];
      const Key key = ordered_key(row[j]);
      const int32_t slot = slot_of(column, key, digit_);
      if (slot >= 0) ++counts[static_cast<size_t>(column.first + slot) * kDigitValues + key_digit<T>(key, digit_)];
    }
  }
}

template <class T>
void PercentileSearch<T>::collect_rows(MatrixView<const T> rows) {
  for (int64_t i = 0; i < rows.rows; ++i) {
    const T* row = rows.row(i);
    for (int64_t j = 0; j < rows.columns; ++j) {
      if (row[j] != row[j]) continue;
      Column& column = columns_[static_cast<size_t>(j)];
      const Key key = ordered_key(row[j]);
      const int32_t slot = slot_of(column, key, digit_);
      if (slot >= 0) column.collected[static_cast<size_t>(slot)].push_back(key);
    }
  }
}

template <class T>
void PercentileSearch<T>::add(Exec& exec, MatrixView<const T> rows) {
  CRISP_ASSERT(!done_ && rows.columns == static_cast<int64_t>(columns_.size()));
  if (collecting_) return collect_rows(rows);
  if (exec.is_cuda()) {
    gpu::DigitSearch search;
    search.digit = digit_;
    search.slots = static_cast<int64_t>(counts_.size()) / kDigitValues;
    for (const Column& column : columns_) {
      search.first.push_back(column.first);
      for (int d = 0; d < digit_; ++d) {
        search.table_begin[d].push_back(static_cast<int64_t>(search.tables[d].size()));
        search.tables[d].insert(search.tables[d].end(), column.next[d].begin(), column.next[d].end());
      }
    }
    const std::vector<int64_t> counts = gpu::count_digits(exec, rows, search);
    for (size_t k = 0; k < counts.size(); ++k) counts_[k] += counts[k];
    return;
  }
  std::mutex mutex;
  exec.threads().for_ranges(rows.rows, kTaskRows, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> counts(counts_.size(), 0);
    count_rows({rows.row(begin), end - begin, rows.columns, rows.ld}, counts.data());
    const std::lock_guard lock(mutex);
    for (size_t k = 0; k < counts.size(); ++k) counts_[k] += counts[k];
  });
}

/// Both neighbours of each percentile.
template <class T>
void PercentileSearch<T>::set_targets(Column& column) {
  const int64_t* histogram = counts_.data() + column.first * kDigitValues;
  for (uint32_t value = 0; value < kDigitValues; ++value) column.present += histogram[value];
  for (const double percent : percents_) {
    if (column.present == 0) return;
    const int64_t index = percentile_place(column.present, percent).index;
    column.targets.push_back({index});
    column.targets.push_back({std::min(index + 1, column.present - 1)});
  }
}

/// Walks each target into the digit where its rank falls, and numbers the histograms that the next pass needs. Gives the
/// number of values that can still be an answer.
template <class T>
int64_t PercentileSearch<T>::descend(Column& column) {
  const bool last = digit_ + 1 == KeyOf<T>::kDigits;
  std::vector<int32_t>* next = last ? nullptr : &column.next[digit_];
  if (next != nullptr) next->assign(static_cast<size_t>(column.slots) * kDigitValues, -1);
  int32_t slots = 0;
  int64_t left = 0;
  for (Target& target : column.targets) {
    const int64_t* histogram = counts_.data() + (column.first + target.slot) * kDigitValues;
    uint32_t value = 0;
    while (target.rank >= histogram[value]) target.rank -= histogram[value++];
    const int bits = bits_behind<T>(digit_);
    target.prefix |= static_cast<Key>(value) << bits;
    if (next == nullptr) continue;
    int32_t& slot = (*next)[static_cast<size_t>(target.slot) * kDigitValues + value];
    if (slot < 0) {
      slot = slots++;
      left += histogram[value];
    }
    target.slot = slot;
  }
  column.slots = slots;
  return left;
}

template <class T>
void PercentileSearch<T>::take_collected() {
  for (Column& column : columns_) {
    for (std::vector<Key>& keys : column.collected) std::sort(keys.begin(), keys.end());
    for (Target& target : column.targets) {
      const std::vector<Key>& keys = column.collected[static_cast<size_t>(target.slot)];
      CRISP_ASSERT(target.rank < static_cast<int64_t>(keys.size()));  // every pass sees the same values
      target.prefix = keys[static_cast<size_t>(target.rank)];
    }
    column.collected = {};
  }
}

template <class T>
void PercentileSearch<T>::end_pass() {
  if (collecting_) {
    take_collected();
    done_ = true;
    return;
  }
  int64_t left = 0;
  for (Column& column : columns_) {
    if (digit_ == 0) set_targets(column);
    left += descend(column);
  }
  done_ = ++digit_ == KeyOf<T>::kDigits || left == 0;
  if (done_) return;
  collecting_ = left <= collect_;
  if (!collecting_) return begin_pass();
  counts_ = {};
  for (Column& column : columns_) column.collected.resize(static_cast<size_t>(column.slots));
}

template <class T>
std::vector<std::vector<double>> PercentileSearch<T>::answers() const {
  CRISP_ASSERT(done_);
  std::vector<std::vector<double>> out;
  for (const Column& column : columns_) {
    std::vector<double>& answers = out.emplace_back(percents_.size(), kNotANumber);
    for (size_t k = 0; k < percents_.size() && column.present > 0; ++k) {
      const auto value = [&](size_t which) {
        return static_cast<double>(value_of_key<T>(column.targets[2 * k + which].prefix));
      };
      answers[k] = between(value(0), value(1), percentile_place(column.present, percents_[k]).share);
    }
  }
  return out;
}

template class PercentileSearch<float>;
template class PercentileSearch<double>;

namespace {

template <class T>
std::vector<std::vector<double>> percentiles_of(Exec& exec, MatrixView<const T> rows, std::span<const double> percents) {
  const NvtxRange range("column_percentiles");
  PercentileSearch<T> search(rows.columns, percents);
  while (!search.done()) {
    search.add(exec, rows);
    search.end_pass();
  }
  return search.answers();
}

}  // namespace

std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const float> rows,
                                                    std::span<const double> percents) {
  return percentiles_of(exec, rows, percents);
}

std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const double> rows,
                                                    std::span<const double> percents) {
  return percentiles_of(exec, rows, percents);
}

std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high,
                               int64_t bins) {
  CRISP_ASSERT(low < high && bins >= 1 && bins <= kMaxBins);
  const NvtxRange range("histogram");
  if (exec.is_cuda()) return gpu::histogram(exec, values, low, high, bins);
  std::vector<int64_t> total(static_cast<size_t>(bins), 0);
  std::mutex mutex;
  exec.threads().for_ranges(values.size, kTaskRows, [&](int64_t begin, int64_t end) {
    std::vector<int64_t> counts(total.size(), 0);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t bin = histogram_bin(values[i], low, high, bins);
      if (bin >= 0) ++counts[static_cast<size_t>(bin)];
    }
    const std::lock_guard lock(mutex);
    for (size_t k = 0; k < counts.size(); ++k) total[k] += counts[k];
  });
  return total;
}

}  // namespace crisp
