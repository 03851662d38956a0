#include "kernels/histogram/histogram.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"

namespace crisp {
namespace {

constexpr int64_t kLinesAhead = 32;  // of the cache, that are fetched before their rows are needed

/// Adds `Columns` columns' cells. Both numbers are constants, so that the loop is unrolled and each cell's place is part of its instruction:
/// two loads, an addition and a store a cell.
template <int Columns, int Spacing>
inline void add_columns(const uint8_t* codes, uint64_t word, uint64_t* out) {
#pragma GCC unroll 8
  for (int j = 0; j < Columns; ++j) out[j * Spacing + codes[j]] += word;
}

/// The same where each column's cells begin anywhere.
template <int Columns>
inline void add_columns(const uint8_t* codes, const int32_t* first, uint64_t word, uint64_t* out) {
#pragma GCC unroll 8
  for (int j = 0; j < Columns; ++j) out[first[j] + codes[j]] += word;
}

inline void add_row(const uint8_t* record, const int32_t* first, int64_t columns, uint64_t word, uint64_t* out) {
  int64_t j = 0;
  for (; j + 8 <= columns; j += 8) add_columns<8>(record + j, first + j, word, out);
  for (; j < columns; ++j) out[first[j] + record[j]] += word;
}

template <int Spacing>
inline void add_row(const uint8_t* record, int64_t columns, uint64_t word, uint64_t* out) {
  int64_t j = 0;
  for (; j + 8 <= columns; j += 8) add_columns<8, Spacing>(record + j, word, out + j * Spacing);
  if (j + 4 <= columns) {
    add_columns<4, Spacing>(record + j, word, out + j * Spacing);
    j += 4;
  }
  for (; j < columns; ++j) out[j * Spacing + record[j]] += word;
}

inline void fetch(const uint8_t* record, int64_t bytes) {
  for (int64_t k = 0; k < bytes; k += 64) __builtin_prefetch(record + k);
}

/// At most kPackedRows rows. Spacing 0: not even.
template <int Spacing>
void add_rows(const BinnedRows& rows, ArrayView<const uint32_t> index, uint64_t* out) {
  const int64_t columns = rows.records.columns, bytes = rows.records.ld;
  const int64_t ahead = std::max<int64_t>(4, kLinesAhead / ((bytes + 63) / 64));
  const bool together = index.size == 0 || index[index.size - 1] - index[0] == index.size - 1;
  for (int64_t i = 0; i < index.size; ++i) {
    if (!together && i + ahead < index.size) fetch(rows.record(index[i + ahead]), bytes);
    const uint64_t word = cell_of_word(rows.word(index[i]));
    if constexpr (Spacing > 0) {
      add_row<Spacing>(rows.record(index[i]), columns, word, out);
    } else {
      add_row(rows.record(index[i]), rows.first.data, columns, word, out);
    }
  }
}

void add_packed(const BinnedRows& rows, ArrayView<const uint32_t> index, uint64_t* out) {
  if (!rows.cells.even) return add_rows<0>(rows, index, out);
  switch (rows.cells.spacing) {
    case 16: return add_rows<16>(rows, index, out);
    case 32: return add_rows<32>(rows, index, out);
    case 64: return add_rows<64>(rows, index, out);
    case 128: return add_rows<128>(rows, index, out);
    default: return add_rows<256>(rows, index, out);
  }
}

void widen(const uint64_t* packed, int64_t width, Sums* out) {
  for (int64_t k = 0; k < width; ++k) out[k] += unpack(packed[k]);
}

/// Blocks of rows to whoever is free; each thread adds up its own, and they are added together at last.
void build_wide(Exec& exec, const BinnedRows& rows, ArrayView<const uint32_t> index, HistogramView out) {
  const int64_t blocks = (index.size + kPackedRows - 1) / kPackedRows;
  const int64_t workers = std::min<int64_t>(exec.threads().threads(), blocks);
  std::atomic<int64_t> next = 0;
  std::mutex joining;
  std::fill_n(out.wide, out.width, Sums{});
  exec.threads().run(workers, [&](int64_t) {
    std::vector<uint64_t> packed(static_cast<size_t>(out.width));
    std::vector<Sums> own(packed.size());
    for (int64_t block; (block = next.fetch_add(1)) < blocks;) {
      const int64_t begin = block * kPackedRows;
      std::fill(packed.begin(), packed.end(), 0u);
      add_packed(rows, {index.data + begin, std::min(kPackedRows, index.size - begin)}, packed.data());
      widen(packed.data(), out.width, own.data());
    }
    const std::lock_guard lock(joining);
    for (int64_t k = 0; k < out.width; ++k) out.wide[k] += own[static_cast<size_t>(k)];
  });
}

}  // namespace

void build_histogram(Exec& exec, const BinnedRows& rows, ArrayView<const uint32_t> index, HistogramView out) {
  CRISP_ASSERT(out.width == rows.width() && (out.is_wide() || index.size <= kPackedRows));
  const NvtxRange range("build_histogram");
  if (out.is_wide()) return build_wide(exec, rows, index, out);
  std::fill_n(out.packed, out.width, 0u);
  add_packed(rows, index, out.packed);
}

void subtract_histogram(const HistogramView& parent, const HistogramView& child, HistogramView out) {
  if (!out.is_wide() && !parent.is_wide() && !child.is_wide()) {
    for (int64_t k = 0; k < out.width; ++k) out.packed[k] = parent.packed[k] - child.packed[k];
    return;
  }
  for (int64_t k = 0; k < out.width; ++k) subtract_cell(parent, child, out, k);
}

Sums total_of(const BinnedRows& rows, const HistogramView& histogram) {
  Sums total;
  for (int64_t k = 0; k < rows.codes[0]; ++k) total += histogram.at(k);
  return total;
}

}  // namespace crisp
