#include <algorithm>
#include <array>
#include <limits>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/histogram/bins_gpu.h"
#include "kernels/histogram/bins_row.h"

namespace crisp {
namespace {

constexpr int64_t kBlock = 4096;  // rows whose records stay in the cache while column after column goes into them

/// One column's codes of a block of rows.
class ColumnCoder {
 public:
  ColumnCoder(const Bins& bins, int64_t j) : categories_(bins.categories[static_cast<size_t>(j)]) {
    const auto at = static_cast<size_t>(j);
    table_ = bins.table.data() + bins.table_first[at];
    bounds_.fill(std::numeric_limits<float>::infinity());
    std::copy(bins.bounds.begin() + bins.first[at], bins.bounds.begin() + bins.first[at + 1], bounds_.begin());
  }

  void code(const float* values, int64_t count, uint8_t* codes) const {
    if (categories_ > 0) {
      for (int64_t i = 0; i < count; ++i) codes[i] = code_of_category(values[i], table_, categories_);
    } else {
      for (int64_t i = 0; i < count; ++i) codes[i] = code_of_number(values[i], bounds_.data());
    }
  }

 private:
  int64_t categories_;
  const uint8_t* table_;
  std::array<float, kMostBins> bounds_;
};

}  // namespace

void bin_rows(Exec& exec, const Bins& bins, const RecordLayout& layout, MatrixView<const float> rows, MatrixView<uint8_t> records, MatrixView<uint8_t> columns) {
  CRISP_ASSERT(rows.columns == bins.columns() && layout.columns() == rows.columns && records.rows == rows.rows && records.columns == layout.bytes());
  CRISP_ASSERT(columns.rows == 0 || (columns.rows == layout.bytes() && columns.columns == rows.rows));
  const NvtxRange range("bin_rows");
  if (exec.is_cuda()) return gpu::bin_rows(exec, bins, layout, rows, records, columns);
  std::vector<ColumnCoder> coders;
  for (int64_t j = 0; j < rows.columns; ++j) coders.emplace_back(bins, j);
  exec.threads().for_ranges(rows.rows, kBlock, [&](int64_t begin, int64_t end) {
    std::array<float, kBlock> values;
    std::array<uint8_t, kBlock> codes;
    for (int64_t j = 0; j < rows.columns; ++j) {
      for (int64_t i = begin; i < end; ++i) values[static_cast<size_t>(i - begin)] = rows.at(i, j);
      coders[static_cast<size_t>(j)].code(values.data(), end - begin, codes.data());
      const ColumnPlace& place = layout.places[static_cast<size_t>(j)];
      if (place.step > 1) {
        for (int64_t i = begin; i < end; ++i) {
          uint8_t& code = codes[static_cast<size_t>(i - begin)];
          code = static_cast<uint8_t>(records.at(i, place.byte) + place.step * code);
        }
      }
      for (int64_t i = begin; i < end; ++i) records.at(i, place.byte) = codes[static_cast<size_t>(i - begin)];
      if (columns.rows > 0) std::copy_n(codes.data(), end - begin, columns.row(place.byte) + begin);
    }
  });
}

}  // namespace crisp
