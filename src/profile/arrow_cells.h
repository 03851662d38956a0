/// The cells of a column, chunk by chunk. Includes Arrow: only for .cc files of src/profile.
#pragma once

#include <arrow/api.h>

#include "cuda/error.h"
#include "table/table.h"

namespace crisp {

/// value(row, cell) for what is there, missing(row) for what is not; cells are bool, int64_t (timestamps:
/// microseconds), double or std::string_view.
template <class Array, class Value, class Missing>
void for_each_cell_of(const arrow::ChunkedArray& column, Value value, Missing missing) {
  int64_t row = 0;
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const Array&>(*chunk);
    for (int64_t i = 0; i < array.length(); ++i, ++row) {
      if (array.IsValid(i))
        value(row, array.GetView(i));
      else
        missing(row);
    }
  }
}

template <class Value, class Missing>
void for_each_cell(const arrow::ChunkedArray& column, ColumnType type, Value value, Missing missing) {
  switch (type) {
    case ColumnType::boolean:
      return for_each_cell_of<arrow::BooleanArray>(column, value, missing);
    case ColumnType::integer:
      return for_each_cell_of<arrow::Int64Array>(column, value, missing);
    case ColumnType::real:
      return for_each_cell_of<arrow::DoubleArray>(column, value, missing);
    case ColumnType::text:
      return for_each_cell_of<arrow::StringArray>(column, value, missing);
    case ColumnType::timestamp:
      return for_each_cell_of<arrow::TimestampArray>(column, value, missing);
  }
  CRISP_ASSERT(false);
}

}  // namespace crisp
