/// The border to Arrow. Includes Arrow: only for .cc files of src/table, src/read, src/prepare and
/// src/profile.
#pragma once

#include <arrow/api.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "table/arrow_runtime.h"
#include "table/table.h"

namespace crisp {

/// Throws what a failed Arrow call means to a user: Code::data for bad contents, no_input, permission and io
/// by errno, no_memory; anything else is our own mistake (Code::bug). `where` ("trips.parquet") stands in
/// front.
void check(const arrow::Status& status, const std::string& where = "");

/// Errors are one line; Arrow's may have more (hints for programmers, stack traces).
std::string first_line(const std::string& text);

template <class T>
T check(arrow::Result<T>&& result, const std::string& where = "") {
  check(result.status(), where);
  return std::move(result).MoveValueUnsafe();
}

/// bool, int64, float64, utf8 or timestamp[us, UTC].
const std::shared_ptr<arrow::DataType>& arrow_type(ColumnType type);
/// Inverse of arrow_type; Code::bug for any other type.
ColumnType column_type(const arrow::DataType& type);

/// Casts every column to one of the five types: integers to int64 (unsigned ones beyond its range to
/// float64), floats and decimals to float64, durations and times of day to seconds, dates and timestamps of
/// any unit to timestamp[us, UTC] (without a zone: read as UTC), dictionaries, binary and strings to utf8,
/// columns of nothing but nulls to utf8. NaN becomes missing. Nested types are Code::data naming the column.
/// What lost something is said in `notes`, if given.
std::shared_ptr<arrow::Table> normalise_types(const std::shared_ptr<arrow::Table>& table,
                                              std::vector<std::string>* notes = nullptr);

}  // namespace crisp
