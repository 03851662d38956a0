/// One column of one block while its values arrive. Includes Arrow: only for .cc files of src/read.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "read/csv_value.h"
#include "table/arrow_bridge.h"

namespace crisp {

/// What all columns share.
struct CsvRules {
  MissingValues missing;
  std::vector<std::string> timestamp_formats;
};

/// The values of a column in one block, done.
struct CsvChunk {
  Kind kind = Kind::none;       ///< none: nothing but missing values
  bool quoted_missing = false;  ///< a quoted "" or "NA" was read as missing; as text it would be a value
  int64_t rows = 0;
  std::shared_ptr<arrow::ArrayData> data;  ///< null where the values must be parsed again as text

  /// Memory that the values take.
  int64_t bytes() const;
  /// Whether as() needs nothing but what is here; where not, the text must be parsed again.
  bool can_be(Kind wanted) const;
  /// The chunk as `wanted`, its own kind or one above it.
  std::shared_ptr<arrow::ArrayData> as(Kind wanted) const;
};

/// The first value of a kind that lifts the type of the column in this block.
struct CsvLift {
  Kind kind;
  int64_t row;  ///< within the block
  std::string value;
};

class CsvColumn {
 public:
  /// Starts with the type known so far. `forced`: a value of another kind is an error, not a lift; with `fractions` an
  /// integer may be lifted to a real nevertheless.
  CsvColumn(const CsvRules& rules, Kind kind, bool forced, bool fractions, int64_t most_rows);

  /// False where the type is forced and the value does not fit.
  bool append(int64_t row, std::string_view value, bool quoted);

  CsvChunk finish(int64_t rows);
  const std::vector<CsvLift>& lifts() const { return lifts_; }

 private:
  bool store(int64_t row, std::string_view value);
  bool store_forced(int64_t row, std::string_view value);
  bool store_fraction(int64_t row, std::string_view value);
  void lift(int64_t row, std::string_view value);
  void become(Kind kind, int64_t row);
  void mark_missing(int64_t row);
  void append_text(int64_t row, std::string_view value);
  template <class T>
  T* values() {
    return reinterpret_cast<T*>(values_->mutable_data());
  }

  const CsvRules& rules_;
  Kind kind_;
  bool forced_, fractions_, lost_ = false, quoted_missing_ = false;
  int64_t most_rows_, missing_ = 0;
  std::shared_ptr<arrow::ResizableBuffer>
      values_;  // 8 bytes a row; booleans 1; texts: the end of each, 4 bytes
  std::shared_ptr<arrow::ResizableBuffer> valid_;  // bits, once a value is missing
  arrow::BufferBuilder text_;
  std::vector<CsvLift> lifts_;
};

}  // namespace crisp
