/// CSV text of a table, piece by piece.
#pragma once

#include <functional>
#include <string>

#include "table/table.h"

namespace crisp {

/// Calls `sink` with pieces of about a MiB. Code::data where a text holds a NUL byte, which no CSV reader
/// takes. `header`: names first; left out where the rows continue a text begun before.
void write_csv(const Table& table, char separator, const std::function<void(const std::string&)>& sink,
               bool header = true);

}  // namespace crisp
