/// How many rows repeat an earlier one.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "table/table.h"

namespace crisp {

/// Rows that equal an earlier one in every column, missing values being equal to each other. 8 bytes a row.
int64_t count_duplicate_rows(Exec& exec, const Table& table);

}  // namespace crisp
