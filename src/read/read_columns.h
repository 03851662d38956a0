/// What the readers of all formats do with columns.
#pragma once

#include <string>
#include <vector>

#include "read/read.h"

namespace crisp {

/// Every column that was asked for must be among `names`, those of `file`: Code::data naming the nearest one.
void require_columns(const std::vector<std::string>& wanted, const std::vector<std::string>& names,
                     const std::string& file);

/// A sentence for each promotion.
void note_promotions(const ColumnReport& column, std::vector<std::string>& notes);

/// The table with a column brought to a forced type, texts by the rules of CSV values; a value that does not
/// fit is Code::data naming its row.
Table with_type(const Table& table, const std::string& column, ColumnType type, const CsvOptions& rules);

/// The same for every column whose type the request forces.
Table with_types(Table table, const ReadRequest& request);

}  // namespace crisp
