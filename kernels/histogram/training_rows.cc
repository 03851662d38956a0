#include "kernels/histogram/training_rows.h"

#include <limits>
#include <utility>

#include "cuda/error.h"

namespace crisp {

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, RecordLayout layout, MatrixView<const float> rows, bool by_column)
    : TrainingRows(exec, bins, std::move(layout), rows.rows, by_column) {
  fill(exec, bins, 0, rows);
}

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, RecordLayout layout, int64_t rows, bool by_column) : layout_(std::move(layout)) {
  CRISP_ASSERT(layout_.columns() == bins.columns());
  if (rows == 0) return;
  const int64_t bytes = layout_.bytes(), stride = BinnedRows::stride_of(bytes);
  CRISP_REQUIRE(rows <= std::numeric_limits<uint32_t>::max(), Code::data, "trees are grown on up to ",
                std::numeric_limits<uint32_t>::max(), " rows, the data have ", rows);
  records_ = Resident<uint8_t>(exec, rows * stride);
  codes_ = Resident<int32_t>(exec, layout_.codes.data(), bytes);
  first_ = Resident<int32_t>(exec, layout_.first.data(), bytes + 1);
  places_ = Resident<ColumnPlace>(exec, layout_.places.data(), layout_.columns());
  MatrixView<uint8_t> by_columns;
  if (by_column) {
    columns_ = Resident<uint8_t>(exec, rows * bytes);
    by_columns = {columns_.data(), bytes, rows, rows};
  }
  binned_ = {{records_.data(), rows, bytes, stride}, by_columns, codes_.view(), places_.view(), first_.view(), layout_.cells};
}

void TrainingRows::fill(Exec& exec, const Bins& bins, int64_t first, MatrixView<const float> part) {
  if (part.rows == 0) return;
  const MatrixView<uint8_t> records = binned_.records;
  MatrixView<uint8_t> columns;
  if (columns_.size() > 0) columns = {columns_.data() + first, layout_.bytes(), part.rows, records.rows};
  bin_rows(exec, bins, layout_, part, {records.row(first), part.rows, records.columns, records.ld}, columns);
}

}  // namespace crisp
