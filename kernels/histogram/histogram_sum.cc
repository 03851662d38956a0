#include "kernels/histogram/histogram_sum.h"

#include <algorithm>

namespace crisp {
namespace {

/// visit(numbers, count) for what each column's codes have in the histogram: a cell is one number, or three.
template <class Visit>
void visit_numbers(const BinnedRows& rows, const HistogramView& histogram, Visit visit) {
  static_assert(sizeof(Sums) == 3 * sizeof(int64_t));
  for (int64_t j = 0; j < rows.records.columns; ++j) {
    const int64_t first = rows.first[j], codes = rows.codes[j];
    if (histogram.is_wide()) {
      visit(reinterpret_cast<int64_t*>(histogram.wide + first), 3 * codes);
    } else {
      visit(reinterpret_cast<int64_t*>(histogram.packed + first), codes);
    }
  }
}

}  // namespace

int64_t HistogramSum::of_rows(int64_t here) const {
  int64_t rows = here;
  if (several()) share_.sum({&rows, 1});
  return rows;
}

void HistogramSum::of_cells(std::span<const HistogramView> histograms) {
  if (!several() || histograms.empty()) return;
  message_.clear();
  for (const HistogramView& histogram : histograms) {
    visit_numbers(rows_, histogram, [&](const int64_t* numbers, int64_t count) {
      message_.insert(message_.end(), numbers, numbers + count);
    });
  }
  share_.sum(message_);
  auto next = message_.cbegin();
  for (const HistogramView& histogram : histograms) {
    visit_numbers(rows_, histogram, [&](int64_t* numbers, int64_t count) {
      std::copy_n(next, count, numbers);
      next += count;
    });
  }
}

}  // namespace crisp
