/// Table: named, typed, nullable columns on the host. An Arrow table inside; Arrow's headers are only for `.cc` files of
/// src/table, src/read and src/prepare.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arrow {
class Table;
}

namespace crisp {

/// What a column holds, as users name it. Everything else Arrow knows is cast to one of these at reading.
enum class ColumnType { boolean, integer, real, text, timestamp };  // int64, float64, utf8, timestamp[us, UTC]

const char* column_type_name(ColumnType type);
ColumnType parse_column_type(const std::string& name);

struct ColumnInfo {
  std::string name;
  ColumnType type;
  int64_t missing = 0;
};

class Table {
 public:
  Table();  ///< no rows, no columns
  /// Takes an Arrow table whose columns have the five types above (see normalise_types in arrow_bridge.h).
  explicit Table(std::shared_ptr<arrow::Table> table);

  int64_t rows() const;
  int columns() const;
  std::vector<ColumnInfo> schema() const;
  std::vector<std::string> names() const;
  bool has(const std::string& name) const;
  /// Index of the column; Code::data naming the nearest one where it is absent.
  int index_of(const std::string& name) const;
  ColumnType type(const std::string& name) const;

  /// A numeric, boolean or timestamp column as doubles (timestamps: seconds since 1970 UTC), missing as NaN.
  std::vector<double> numbers(const std::string& name) const;
  /// Any column as text, the way it is written to CSV; missing as "".
  std::vector<std::string> texts(const std::string& name) const;
  /// 1 where the value is missing.
  std::vector<uint8_t> missing(const std::string& name) const;

  Table select(const std::vector<std::string>& names) const;
  Table slice(int64_t offset, int64_t rows) const;
  /// Rows in the given order; indices may repeat.
  Table take(const std::vector<int64_t>& rows) const;
  /// A copy with the column added, or replaced where the name exists. NaN becomes missing.
  Table with_numbers(const std::string& name, const std::vector<double>& values) const;
  Table with_integers(const std::string& name, const std::vector<int64_t>& values) const;
  Table with_timestamps(const std::string& name, const std::vector<int64_t>& microseconds) const;
  /// Missing where `missing` is 1; empty: nowhere.
  Table with_booleans(const std::string& name, const std::vector<uint8_t>& values,
                      const std::vector<uint8_t>& missing = {}) const;
  Table with_texts(const std::string& name, const std::vector<std::string>& values) const;
  /// With the column `source` of `other` under this name.
  Table with_column_of(const std::string& name, const Table& other, const std::string& source) const;
  /// With nothing but missing values in a column that is there.
  Table with_missing(const std::string& name) const;
  Table without(const std::vector<std::string>& names) const;
  /// Rows of all tables, one after the other; same columns by name and type required.
  static Table concatenate(const std::vector<Table>& parts);

  const std::shared_ptr<arrow::Table>& arrow() const { return table_; }

 private:
  std::shared_ptr<arrow::Table> table_;
};

}  // namespace crisp
