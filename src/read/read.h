/// Reading tables from files: CSV, TSV (also gzipped), Parquet, Arrow IPC/Feather, JSON lines; folders and
/// globs of them; `-` for standard input.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/json.h"
#include "table/table.h"

namespace crisp {

enum class FileFormat { csv, parquet, arrow, json_lines };

const char* file_format_name(FileFormat format);

struct CsvOptions {
  bool header = true;  ///< false: columns are named f0, f1, ...
  char separator = 0;  ///< 0: found among , ; tab and | (files named .tsv or .tab: tab)
  /// How a missing value may be spelled. A quoted value of a text column is never missing.
  std::vector<std::string> missing = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"};
  /// Besides ISO 8601: strptime's %Y %y %m %d %e %b %B %H %I %p %M %S (with fraction) %j %z %s; tried in this
  /// order.
  std::vector<std::string> timestamp_formats;
  int64_t field_limit = int64_t{16} << 20;  ///< bytes of one value
  int64_t line_limit = int64_t{64} << 20;   ///< bytes of one record
  int64_t column_limit = int64_t{1} << 20;
  int64_t block_bytes = int64_t{1} << 20;  ///< read and parsed at a time; results never depend on it
};

struct ReadRequest {
  std::string path;                  ///< a file, a folder, a glob, or "-"
  std::vector<std::string> columns;  ///< read only these, in this order; empty: all
  std::map<std::string, ColumnType>
      types;  ///< forced types, by column name; a value that does not fit is an error
  std::set<std::string> fractions;   ///< of the forced integers those that are real where a fraction turns up
  CsvOptions csv;
  int threads = 0;             ///< 0: one per available core; results never depend on it
  int64_t ratio_limit = 1000;  ///< a compressed file may grow by this factor (and 64 MiB), no more
};

/// When a column of a CSV file turned out to hold something else than it did so far.
struct Promotion {
  ColumnType from, to;
  std::string file;
  int64_t row = 0;    ///< data row, counted from 1 in that file
  std::string value;  ///< the value that did it, shortened
};

struct ColumnReport {
  std::string name;
  ColumnType type = ColumnType::text;
  bool forced = false;  ///< the request fixed the type
  bool all_missing = false;
  std::vector<Promotion> promotions;
};

struct FileReport {
  std::string path;
  FileFormat format = FileFormat::csv;
  char separator = 0;  ///< CSV only
  int64_t rows = 0;
  int64_t bytes = 0;  ///< as stored
};

/// What reading saw and decided.
struct ReadReport {
  std::vector<FileReport> files;
  std::vector<ColumnReport> columns;
  std::vector<std::string> notes;  ///< one sentence each: renamed columns, promotions, lossy casts
  int64_t rows() const;
  int64_t bytes() const;
  Json to_json() const;
};

/// Reads all of it. Files of a folder or glob follow each other in the order of their names and must have the
/// same columns (any order). Code::no_input where nothing is there (naming the nearest file), Code::data with
/// file, row or line and column where the contents are wrong.
Table read_table(const ReadRequest& request, ReadReport* report = nullptr);

/// The same table in pieces of kBatchRows rows or a little more, one after the other, for rows that can be looked at by
/// themselves: CSV without the whole in memory, other formats cut from the whole. Columns of CSV files that `types` does
/// not name are text. A pipe's rows are handed on as they come, without an end too. At least one piece, perhaps without
/// rows.
constexpr int64_t kBatchRows = int64_t{1} << 16;
void read_batches(const ReadRequest& request, const std::function<void(const Table&)>& take,
                  ReadReport* report = nullptr);

/// Whether the path names something that can be read only once, as it comes.
bool is_pipe(const std::string& path);

/// What a person calls the data: the name of the file, folder or glob without the way to it; "stdin" for "-".
std::string data_name(const std::string& path);

/// The files that a path, folder or glob names, in order of name. Hidden files and those starting with '_'
/// are left out of folders, and so are names that no reader knows.
std::vector<std::string> input_files(const std::string& path);

}  // namespace crisp
