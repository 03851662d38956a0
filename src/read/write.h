/// Writing tables, in the format that the name's ending says; `-` is CSV on standard output.
#pragma once

#include <string>

#include "table/table.h"

namespace crisp {

enum class ParquetCodec { snappy, zstd };

/// The file appears complete or not at all. CSV (.csv, .tsv; .gz behind it compresses) is RFC 4180 with a
/// header and LF line ends: shortest numbers that read back equal (reals with a point or exponent),
/// timestamps in ISO 8601 with Z, missing values empty (NA in a table of one column, where a blank line would
/// be no row), empty texts and those that spell a missing value in quotes. Also .parquet, .pq, .arrow,
/// .feather, .ipc. Code::config where the ending is another one, Code::io on a full disk.
void write_table(const Table& table, const std::string& path, ParquetCodec codec = ParquetCodec::snappy);

/// Checks before any work what write_table() would find at its end: Code::config for an ending that names no format,
/// Code::cannot_create where the file exists and `force` is not given. "" and "-" are always fine.
void require_new_output(const std::string& path, bool force);

/// The table as CSV text.
std::string to_csv(const Table& table, char separator = ',');

}  // namespace crisp
