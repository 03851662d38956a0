/// Invented rows in bins, for the tests of what works on them.
#pragma once

#include <vector>

#include "cuda/random.h"
#include "kernels/histogram/histogram.h"

namespace crisp {

/// `codes` one a column: how many there are. Words are drawn too: gradients of either sign, hessians of at least 1.
struct BinnedSample {
  std::vector<int32_t> codes;
  int64_t rows, stride;
  std::vector<uint8_t> records, columns;
  RecordLayout layout;

  BinnedSample(int64_t count, std::vector<int32_t> codes_of_columns, uint64_t seed = 1)
      : codes(std::move(codes_of_columns)), rows(count), stride(BinnedRows::stride_of(static_cast<int64_t>(codes.size()))), layout(plain_layout(codes)) {
    records.resize(static_cast<size_t>(rows * stride));
    columns.resize(static_cast<size_t>(rows) * codes.size());
    for (int64_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < codes.size(); ++j) {
        const auto code = static_cast<uint8_t>(random_below(seed, j, static_cast<uint64_t>(i), static_cast<uint64_t>(codes[j])));
        records[static_cast<size_t>(i * stride) + j] = columns[j * static_cast<size_t>(rows) + static_cast<size_t>(i)] = code;
      }
      const auto draw = [&](uint64_t stream, uint64_t below) { return static_cast<int32_t>(random_below(seed, stream, static_cast<uint64_t>(i), below)); };
      view().word(i) = gradient_word(draw(1000, 2 * kMostQuanta + 1) - kMostQuanta, 1 + draw(1001, kMostQuanta));
    }
  }

  BinnedRows view() {
    const auto width = static_cast<int64_t>(codes.size());
    return {{records.data(), rows, width, stride}, {columns.data(), width, rows, rows}, {codes.data(), width}, {layout.places.data(), width},
            {layout.first.data(), width + 1}, layout.cells};
  }

  Sums sums_of(int64_t i) {
    const uint32_t word = view().word(i);
    return {static_cast<int32_t>(word) >> 16, static_cast<int64_t>(word & 0xffffu), 1};
  }

  /// A histogram row by row.
  std::vector<Sums> histogram(const std::vector<uint32_t>& index) {
    std::vector<Sums> cells(static_cast<size_t>(view().width()));
    for (const uint32_t i : index) {
      for (size_t j = 0; j < codes.size(); ++j) cells[static_cast<size_t>(layout.first[j]) + view().record(i)[j]] += sums_of(i);
    }
    return cells;
  }
};

/// A histogram with its memory.
struct OwnedHistogram {
  std::vector<uint64_t> packed;
  std::vector<Sums> wide;
  HistogramView view;

  OwnedHistogram(int64_t width, bool is_wide) : packed(is_wide ? 0 : static_cast<size_t>(width)), wide(is_wide ? static_cast<size_t>(width) : 0) {
    view = {is_wide ? nullptr : packed.data(), is_wide ? wide.data() : nullptr, width};
  }
};

}  // namespace crisp
