#include "kernels/statistics/percentiles.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/segments/segment_statistics_row.h"
#include "kernels/statistics/percentiles_gpu.h"
#include "kernels/statistics/percentiles_row.h"

namespace crisp {
namespace {

/// Rows a task of a counting pass: large, because each task clears and adds up histograms of its own.
constexpr int64_t kTaskRows = int64_t{1} << 18;
constexpr int64_t kMaxBins = 65'536;

/// One value that is looked for: the `rank`-th smallest (from 0) of those whose key begins with `prefix`.
struct Target {
  int64_t rank = 0;
  uint32_t prefix = 0;
  int32_t slot = 0;  ///< of the histogram that counts the next digit
};

/// The search in one column.
struct Search {
  std::vector<Target> targets;
  int32_t slots = 1;
  /// next[d][slot * 2048 + digit]: the slot of the histogram of the next digit, or -1 where nothing is looked
  /// for.
  std::vector<int32_t> next[kKeyDigits - 1];
  int64_t first = 0;  ///< place of slot 0 in the histograms of this pass
};

/// Counts digit `digit` of every value that can still be an answer.
void count_digits(MatrixView<const float> rows, const std::vector<Search>& searches, int digit,
                  uint32_t* counts) {
  for (int64_t i = 0; i < rows.rows; ++i) {
    const float* row = rows.row(i);
    for (int64_t j = 0; j < rows.columns; ++j) {
      if (row[j] != row[j]) continue;
      const Search& search = searches[static_cast<size_t>(j)];
      const uint32_t key = ordered_key(row[j]);
      int32_t slot = 0;
      for (int d = 0; d < digit && slot >= 0; ++d) {
        slot = search.next[d][static_cast<size_t>(slot) * kDigitValues + key_digit(key, d)];
      }
      if (slot >= 0)
        ++counts[static_cast<size_t>(search.first + slot) * kDigitValues + key_digit(key, digit)];
    }
  }
}

/// The searches as the GPU engine reads them: all columns' tables one after the other.
gpu::DigitSearch flattened(const std::vector<Search>& searches, int digit, int64_t slots) {
  gpu::DigitSearch out;
  out.digit = digit;
  out.slots = slots;
  for (const Search& search : searches) {
    out.first.push_back(search.first);
    for (int d = 0; d < digit; ++d) {
      out.table_begin[d].push_back(static_cast<int64_t>(out.tables[d].size()));
      out.tables[d].insert(out.tables[d].end(), search.next[d].begin(), search.next[d].end());
    }
  }
  return out;
}

/// The histograms of one digit over all rows.
std::vector<int64_t> count_pass(Exec& exec, MatrixView<const float> rows, std::vector<Search>& searches,
                                int digit) {
  int64_t slots = 0;
  for (Search& search : searches) {
    search.first = slots;
    slots += search.slots;
  }
  if (exec.is_cuda()) return gpu::count_digits(exec, rows, flattened(searches, digit, slots));
  std::vector<int64_t> total(static_cast<size_t>(slots) * kDigitValues, 0);
  std::mutex mutex;
  exec.threads().for_ranges(rows.rows, kTaskRows, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> counts(total.size(), 0);
    count_digits({rows.row(begin), end - begin, rows.columns, rows.ld}, searches, digit, counts.data());
    const std::lock_guard lock(mutex);
    for (size_t k = 0; k < counts.size(); ++k) total[k] += counts[k];
  });
  return total;
}

/// Walks each target into the digit where its rank falls, and numbers the histograms that the next pass
/// needs.
void descend(Search& search, const int64_t* counts, int digit) {
  std::vector<int32_t>* next = digit + 1 < kKeyDigits ? &search.next[digit] : nullptr;
  if (next) next->assign(static_cast<size_t>(search.slots) * kDigitValues, -1);
  int32_t slots = 0;
  for (Target& target : search.targets) {
    const int64_t* histogram = counts + static_cast<int64_t>(target.slot) * kDigitValues;
    uint32_t value = 0;
    while (target.rank >= histogram[value]) target.rank -= histogram[value++];
    target.prefix = (target.prefix << (digit == kKeyDigits - 1 ? 10 : 11)) | value;
    if (!next) continue;
    int32_t& slot = (*next)[static_cast<size_t>(target.slot) * kDigitValues + value];
    if (slot < 0) slot = slots++;
    target.slot = slot;
  }
  search.slots = slots;
}

/// Both neighbours of each percentile.
void set_targets(Search& search, int64_t count, std::span<const double> percents) {
  for (const double percent : percents) {
    if (count == 0) return;
    const int64_t index = percentile_place(count, percent).index;
    search.targets.push_back({index});
    search.targets.push_back({std::min(index + 1, count - 1)});
  }
}

int64_t count_of(const int64_t* histogram) {
  int64_t count = 0;
  for (uint32_t value = 0; value < kDigitValues; ++value) count += histogram[value];
  return count;
}

}  // namespace

std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const float> rows,
                                                    std::span<const double> percents) {
  for (const double percent : percents) CRISP_ASSERT(percent >= 0.0 && percent <= 100.0);
  const NvtxRange range("column_percentiles");
  std::vector<Search> searches(static_cast<size_t>(rows.columns));
  std::vector<int64_t> present;
  for (int digit = 0; digit < kKeyDigits; ++digit) {
    const std::vector<int64_t> counts = count_pass(exec, rows, searches, digit);
    for (Search& search : searches) {
      const int64_t* histograms = counts.data() + search.first * kDigitValues;
      if (digit == 0) {
        present.push_back(count_of(histograms));
        set_targets(search, present.back(), percents);
      }
      descend(search, histograms, digit);
    }
  }
  std::vector<std::vector<double>> out;
  for (size_t j = 0; j < searches.size(); ++j) {
    std::vector<double>& answers = out.emplace_back(percents.size(), kNotANumber);
    for (size_t k = 0; k < percents.size() && present[j] > 0; ++k) {
      const auto value = [&](size_t which) {
        return static_cast<double>(value_of_key(searches[j].targets[2 * k + which].prefix));
      };
      answers[k] = between(value(0), value(1), percentile_place(present[j], percents[k]).share);
    }
  }
  return out;
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
