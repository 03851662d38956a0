/// A table that is gone through more than once and need not fit into memory.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "read/byte_source.h"
#include "read/read.h"

namespace crisp {

class TableScan {
 public:
  /// Finds the types. Text of CSV and JSON files is dear to parse: the table made of it is kept where it takes at most
  /// `resident_bytes`. Parquet files are decoded again in each pass. What comes through a pipe is always kept, up to the
  /// pipe's limit; so are Arrow files, and Parquet files whose columns differ in type.
  TableScan(const ReadRequest& request, int64_t resident_bytes, ReadReport& report);
  /// One that is in memory already.
  explicit TableScan(const Table& table);

  const std::vector<ColumnInfo>& columns() const { return columns_; }  ///< without counts of missing values
  int64_t rows() const { return rows_; }
  /// All rows in order, in pieces of about kBatchRows, with those columns. Code::data where a file has changed since the
  /// last time.
  void for_each_batch(const std::function<void(const Table&)>& take) const;

 private:
  void read_csv(const std::deque<InputFile>& files, int64_t resident_bytes, ReadReport& report);
  bool plan_parquet(const std::deque<InputFile>& files, ReadReport& report);
  void keep(const Table& table);
  void set_columns(const Table& table);

  ReadRequest request_;
  FileFormat format_ = FileFormat::csv;
  bool resident_ = false;
  Table table_;  ///< where resident
  std::vector<ColumnInfo> columns_;
  int64_t rows_ = 0;
};

}  // namespace crisp
