/// Choosing columns by name: `speed_*`.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

/// The table's columns that match, in the order of the patterns, each once. A pattern that is the name of a
/// column stands for that one alone, stars or not. Code::data for a pattern that
/// matches nothing, naming the nearest column.
std::vector<std::string> columns_like(const Table& table, const std::vector<std::string>& patterns);

}  // namespace crisp
