#include "kernels/histogram/training_rows.h"

#include <algorithm>
#include <limits>

#include "cuda/error.h"

namespace crisp {

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, MatrixView<const float> rows, bool by_column)
    : TrainingRows(exec, bins, rows.rows, by_column) {
  fill(exec, bins, 0, rows);
}

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, int64_t rows, bool by_column) {
  if (rows == 0) return;
  const int64_t columns = bins.columns(), stride = BinnedRows::stride_of(columns);
  CRISP_REQUIRE(rows <= std::numeric_limits<uint32_t>::max(), Code::data, "trees are grown on up to ",
                std::numeric_limits<uint32_t>::max(), " rows, the data have ", rows);
  records_ = Resident<uint8_t>(exec, rows * stride);
  std::vector<int32_t> codes;
  for (int64_t j = 0; j < columns; ++j) codes.push_back(bins.codes(j));
  codes_ = Resident<int32_t>(exec, codes.data(), columns);
  MatrixView<uint8_t> by_columns;
  if (by_column) {
    columns_ = Resident<uint8_t>(exec, rows * columns);
    by_columns = {columns_.data(), columns, rows, rows};
  }
  binned_ = {{records_.data(), rows, columns, stride}, by_columns, codes_.view(),
             BinnedRows::spacing_of(*std::max_element(codes.begin(), codes.end()))};
}

void TrainingRows::fill(Exec& exec, const Bins& bins, int64_t first, MatrixView<const float> part) {
  if (part.rows == 0) return;
  const MatrixView<uint8_t> records = binned_.records;
  MatrixView<uint8_t> columns;
  if (columns_.size() > 0) columns = {columns_.data() + first, part.columns, part.rows, records.rows};
  bin_rows(exec, bins, part, {records.row(first), part.rows, records.columns, records.ld}, columns);
}

}  // namespace crisp
