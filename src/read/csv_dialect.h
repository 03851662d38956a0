/// What the start of a CSV file says about all of it: byte order mark, separator, column names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "read/read.h"

namespace crisp {

/// Bytes of a UTF-8 byte order mark at the start (0 or 3). UTF-16 and UTF-32 are Code::data.
int64_t byte_order_mark(std::string_view start, const std::string& file);

/// The separator among , ; tab and | that cuts the first 20 records into equally many values, the most; where
/// none does, the one most frequent in the first record; where there is none, the comma. Ties: in that order.
/// `start` is cut at the end of a record, unless it is one record or the whole file (`whole`).
char find_separator(std::string_view start, bool whole);

/// Trims names, numbers empty ones f<index>, and makes repeated ones unique (a, a_2); what was changed goes
/// to `notes`.
void make_unique(std::vector<std::string>& names, const std::string& file, std::vector<std::string>& notes);

}  // namespace crisp
