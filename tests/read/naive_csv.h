/// A CSV reader as slow and plain as possible, for comparison: one character at a time, every value kept as
/// text, the column's type decided at the end by regular expressions over all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crisp {

struct NaiveValue {
  std::string text;
  bool quoted = false;
};

struct NaiveColumn {
  std::string name, type;
  std::vector<std::string> texts;  ///< as the table should write them; "" where missing
  std::vector<uint8_t> missing;
};

struct NaiveTable {
  bool failed = false;  ///< ragged rows or wrong quotes
  std::vector<NaiveColumn> columns;
};

NaiveTable read_naively(const std::string& text, char separator);

}  // namespace crisp
