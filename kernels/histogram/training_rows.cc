#include "kernels/histogram/training_rows.h"

#include <algorithm>
#include <limits>

#include "cuda/error.h"

namespace crisp {

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, MatrixView<const float> rows, bool by_column) {
  if (rows.rows == 0) return;
  const int64_t columns = rows.columns, stride = BinnedRows::stride_of(columns);
  CRISP_REQUIRE(rows.rows <= std::numeric_limits<uint32_t>::max(), Code::data, "trees are grown on up to ",
                std::numeric_limits<uint32_t>::max(), " rows, the data have ", rows.rows);
  records_ = Resident<uint8_t>(exec, rows.rows * stride);
  std::vector<int32_t> codes;
  for (int64_t j = 0; j < columns; ++j) codes.push_back(bins.codes(j));
  codes_ = Resident<int32_t>(exec, codes.data(), columns);
  MatrixView<uint8_t> by_columns;
  if (by_column) {
    columns_ = Resident<uint8_t>(exec, rows.rows * columns);
    by_columns = {columns_.data(), columns, rows.rows, rows.rows};
  }
  binned_ = {{records_.data(), rows.rows, columns, stride}, by_columns, codes_.view(),
             BinnedRows::spacing_of(*std::max_element(codes.begin(), codes.end()))};
  bin_rows(exec, bins, rows, binned_.records, by_columns);
}

}  // namespace crisp
