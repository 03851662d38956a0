/// Which columns of a prepared table a model reads.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

/// Columns in the table's order that match one of the patterns (`*` stands for any characters); Code::config for a
/// pattern that matches nothing, naming the nearest column. Without patterns: every number and boolean column that is
/// not in `excluded`.
std::vector<std::string> choose_features(const Table& table, const std::vector<std::string>& patterns,
                                         const std::vector<std::string>& excluded);

/// Whether `name` matches `pattern`, in which `*` stands for any characters.
bool matches_pattern(const std::string& name, const std::string& pattern);

}  // namespace crisp
