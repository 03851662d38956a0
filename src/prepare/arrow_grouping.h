/// Grouping of values that are not (yet) columns. Includes Arrow: only for .cc files of src/prepare.
#pragma once

#include "prepare/arrow_value.h"
#include "prepare/grouping.h"

namespace crisp {

Grouping group_values(const std::vector<Value>& keys, int64_t rows);

/// Column `name` as one contiguous value.
Value column_value(const Table& table, const std::string& name);

/// The value's rows in the given order; -1 gives a missing value.
Value take_rows(const Value& value, const std::vector<int64_t>& rows);

/// Rows sorted by the keys, stable, missing values last; `descending` holds one flag a key.
std::vector<int64_t> sorted_rows(const std::vector<Value>& keys, const std::vector<uint8_t>& descending);

}  // namespace crisp
