/// What tells one table from another.
#pragma once

#include <string>

#include "table/table.h"

namespace crisp {

/// SHA-256 over names, types and values: equal rows give equal fingerprints, whatever file they came from.
std::string table_fingerprint(const Table& table);

}  // namespace crisp
