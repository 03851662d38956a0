/// Which columns of a prepared table a model reads.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

/// Columns that match one of the patterns (`*` stands for any characters), in the order of the patterns; Code::data for a
/// pattern that matches nothing, naming the nearest column. Without patterns: every number and boolean column. Those in
/// `excluded` are left out.
std::vector<std::string> choose_features(const Table& table, const std::vector<std::string>& patterns,
                                         const std::vector<std::string>& excluded);

}  // namespace crisp
