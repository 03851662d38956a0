/// Rows gathered by the values of key columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/table.h"

namespace crisp {

/// Groups are numbered by first appearance; a missing key is a value of its own.
struct Grouping {
  std::vector<int32_t> code;     ///< group of each row
  std::vector<int64_t> order;    ///< rows sorted by group, in table order within it
  std::vector<int64_t> offsets;  ///< group g holds order[offsets[g]] .. order[offsets[g + 1] - 1]

  int64_t groups() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t size(int64_t group) const { return offsets[group + 1] - offsets[group]; }
  /// First row of the group.
  int64_t first(int64_t group) const { return order[offsets[group]]; }
};

/// No keys: one group of all rows (none where there are no rows).
Grouping group_rows(const Table& table, const std::vector<std::string>& keys);

}  // namespace crisp
