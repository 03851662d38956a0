#include "read/table_scan.h"

#include "core/interrupt.h"
#include "cuda/error.h"
#include "read/arrow_columnar.h"
#include "read/csv_dialect.h"
#include "read/csv_reader.h"
#include "read/opened.h"

namespace crisp {
TableScan::TableScan(const Table& table) { keep(table); }

TableScan::TableScan(const ReadRequest& request, int64_t resident_bytes, ReadReport& report) : request_(request) {
  arrow_start();
  report = {};
  std::deque<InputFile> files;
  format_ = open_inputs(request.path, files);
  if (format_ == FileFormat::csv) {
    read_csv(files, resident_bytes, report);
  } else if (format_ != FileFormat::parquet || !plan_parquet(files, report)) {
    keep(read_opened(files, format_, request, report));
  }
}

void TableScan::set_columns(const Table& table) {
  for (const ColumnInfo& column : table.schema()) columns_.push_back({column.name, column.type});
}

void TableScan::keep(const Table& table) {
  resident_ = true;
  table_ = table;
  rows_ = table.rows();
  set_columns(table);
}

void TableScan::read_csv(const std::deque<InputFile>& files, int64_t resident_bytes, ReadReport& report) {
  ThreadPool pool(request_.threads);
  CsvReader reader(request_, pool, report);
  reader.keep_at_most(resident_bytes);
  for (const InputFile& file : files) {
    reader.add(file);
    file.rest();
  }
  Table table(reader.finish());
  if (!request_.columns.empty()) table = table.select(request_.columns);
  if (!reader.dropped()) return keep(table);
  set_columns(table);
  rows_ = report.rows();
  for (const ColumnInfo& column : columns_) request_.types[column.name] = column.type;
}

/// False where the files have to be read as a whole.
bool TableScan::plan_parquet(const std::deque<InputFile>& files, ReadReport& report) {
  if (!request_.types.empty()) return false;
  std::vector<std::string> notes;
  for (const InputFile& file : files) {
    if (file.is_pipe()) return false;
    int64_t rows = 0;
    const auto empty = parquet_schema(file, request_, rows);
    if (!plain_types(*empty->schema())) return false;
    Table table = normalised(empty, file.name(), notes);
    if (!request_.columns.empty()) table = table.select(request_.columns);
    if (&file == &files.front()) set_columns(table);
    if (!same_columns(columns_, table.schema())) {
      columns_.clear();
      rows_ = 0;
      report = {};
      return false;
    }
    rows_ += rows;
    report.files.push_back({file.name(), format_, 0, rows, file.size()});
    file.rest();
  }
  report.notes = notes;
  for (const ColumnInfo& column : columns_) report.columns.push_back({column.name, column.type, false, false, {}});
  return true;
}

void TableScan::for_each_batch(const std::function<void(const Table&)>& take) const {
  if (resident_) return cut_into_batches(table_, take);
  int64_t rows = 0;
  const auto counted = [&](const Table& batch) {
    check_interrupt();
    rows += batch.rows();
    take(batch);
  };
  if (format_ == FileFormat::csv) {
    read_batches(request_, counted);
  } else {
    std::deque<InputFile> files;
    open_inputs(request_.path, files);
    std::vector<std::string> ignored;
    for (const InputFile& file : files) {
      read_parquet_batches(file, request_, [&](const std::shared_ptr<arrow::Table>& raw) {
        const Table batch = normalised(raw, file.name(), ignored);
        counted(request_.columns.empty() ? batch : batch.select(request_.columns));
      });
      file.rest();
    }
  }
  CRISP_REQUIRE(rows == rows_, Code::data, request_.path, ": changed while it was read");
}

}  // namespace crisp
