/// Parses one block of whole CSV records into columns. Includes Arrow: only for .cc files of src/read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "read/csv_column.h"
#include "read/read.h"

namespace crisp {

/// How a file's values are laid out and what becomes of each.
struct CsvLayout {
  char separator = ',';
  int64_t field_limit = 0, line_limit = 0;
  /// One per value of a record: which column takes it, or -1.
  std::vector<int> column_of;
  std::vector<std::string> names;  ///< of the values, for messages
};

struct CsvError {
  int64_t line = 0;  ///< within the block, from 0; -1 where `row` says where
  int64_t row = 0;   ///< within the block, from 0
  std::string message, hint;
};

/// A block's share of the table.
struct CsvParsed {
  int64_t rows = 0, lines = 0;
  std::vector<CsvChunk> chunks;  ///< one per column; data null where not asked for or to be done again
  std::vector<std::vector<CsvLift>> lifts;  ///< one per column
  std::optional<CsvError> error;            ///< the first one; the rest of the block was not looked at
};

/// Columns to be parsed have a kind to start with; the others are skipped.
struct CsvColumnPlan {
  Kind kind = Kind::none;
  bool forced = false;
  bool wanted = true;
  bool fractions = false;  ///< see CsvColumn
};

CsvParsed parse_csv_block(std::string_view text, const CsvLayout& layout, const CsvRules& rules,
                          const std::vector<CsvColumnPlan>& plans);

/// A NUL byte or one that is not valid UTF-8.
CsvError invalid_text_error(int64_t line, char byte);

}  // namespace crisp
