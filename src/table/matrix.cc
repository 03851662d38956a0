#include "table/matrix.h"

#include <cstring>
#include <limits>
#include <new>

#include "cuda/error.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

constexpr std::align_val_t kAlignment{64};
constexpr int64_t kPadding = 64 / sizeof(float);

std::shared_ptr<float[]> zeros(int64_t rows, int64_t ld) {
  int64_t bytes = 0;
  CRISP_REQUIRE(!__builtin_mul_overflow(rows, ld, &bytes) && !__builtin_mul_overflow(bytes, 4, &bytes),
                Code::no_memory, "a matrix of ", rows, " rows is too large");
  auto* data = static_cast<float*>(::operator new[](static_cast<size_t>(bytes), kAlignment, std::nothrow));
  CRISP_REQUIRE(data != nullptr, Code::no_memory, "no memory for a matrix of ", rows, " rows (", bytes,
                " bytes)");
  std::memset(static_cast<void*>(data), 0, static_cast<size_t>(bytes));
  return {data, [](float* p) { ::operator delete[](p, kAlignment); }};
}

/// Writes a column's values below each other, `ld` floats apart.
template <class Array>
void put_column(const arrow::Array& column, float* out, int64_t ld, double scale = 1.0) {
  const Array& array = static_cast<const Array&>(column);
  const bool whole = array.null_count() == 0;
  for (int64_t i = 0; i < array.length(); ++i, out += ld) {
    *out = whole || array.IsValid(i) ? static_cast<float>(static_cast<double>(array.Value(i)) / scale)
                                     : std::numeric_limits<float>::quiet_NaN();
  }
}

void put_column(ColumnType type, const arrow::Array& column, float* out, int64_t ld) {
  switch (type) {
    case ColumnType::boolean:
      return put_column<arrow::BooleanArray>(column, out, ld);
    case ColumnType::integer:
      return put_column<arrow::Int64Array>(column, out, ld);
    case ColumnType::real:
      return put_column<arrow::DoubleArray>(column, out, ld);
    case ColumnType::timestamp:
      return put_column<arrow::TimestampArray>(column, out, ld, 1e6);
    case ColumnType::text:
      CRISP_ASSERT(!"text was refused before");
  }
}

}  // namespace

Matrix::Matrix(int64_t rows, int64_t columns) {
  CRISP_ASSERT(rows >= 0 && columns >= 0);
  const int64_t ld = (columns + kPadding - 1) / kPadding * kPadding;
  storage_ = zeros(rows, ld);
  view_ = {storage_.get(), rows, columns, ld};
}

Matrix Matrix::take(const std::vector<int64_t>& rows) const {
  Matrix out(static_cast<int64_t>(rows.size()), columns());
  for (size_t i = 0; i < rows.size(); ++i) {
    CRISP_ASSERT(rows[i] >= 0 && rows[i] < this->rows());
    std::memcpy(out.view_.row(static_cast<int64_t>(i)), view_.row(rows[i]),
                static_cast<size_t>(columns()) * sizeof(float));
  }
  return out;
}

Matrix to_matrix(const Table& table, const std::vector<std::string>& columns) {
  std::vector<ColumnType> types;
  for (const std::string& name : columns) {
    types.push_back(table.type(name));
    if (types.back() == ColumnType::text) {
      throw Error(Code::data, concat("column '", name, "' is text, not numbers"),
                  "leave it out, or turn it into numbers first");
    }
  }
  Matrix out(table.rows(), static_cast<int64_t>(columns.size()));
  const Table chosen = table.select(columns);
  arrow::TableBatchReader batches(*chosen.arrow());
  batches.set_chunksize(4096);  // rows whose floats stay in the cache while their columns are filled in
  std::shared_ptr<arrow::RecordBatch> batch;
  for (int64_t row = 0;; row += batch->num_rows()) {
    check(batches.ReadNext(&batch));
    if (batch == nullptr) return out;
    for (size_t j = 0; j < types.size(); ++j) {
      const int column = static_cast<int>(j);
      put_column(types[j], *batch->column(column), out.view().row(row) + column, out.view().ld);
    }
  }
}

}  // namespace crisp
