/// Reads CSV files, one after the other, into one table. Includes Arrow: only for .cc files of src/read.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cuda/thread_pool.h"
#include "read/byte_source.h"
#include "read/csv_blocks.h"
#include "read/csv_parser.h"
#include "read/read.h"

namespace crisp {

/// Every file is parsed with the types known so far. A value that does not fit lifts its column; what had
/// been parsed before is lifted too, or, where that takes the text (a number becomes text), read a second
/// time by finish().
class CsvReader {
 public:
  CsvReader(const ReadRequest& request, ThreadPool& pool, ReadReport& report);

  /// Hands the rows on in tables of about kBatchRows, and keeps none. Columns without a forced type are text. A
  /// pipe's rows are handed on as they come.
  void stream(std::function<void(const Table&)> take) { take_ = std::move(take); }
  /// Where the values of files (not of pipes) take more than so many bytes they are dropped, and reading goes on to
  /// find the types only.
  void keep_at_most(int64_t bytes) { most_bytes_ = bytes; }
  bool dropped() const { return dropped_; }

  /// Reads one file; all must outlive finish().
  void add(const InputFile& file);
  /// The table; without its rows where they were handed on or dropped.
  std::shared_ptr<arrow::Table> finish();

 private:
  struct Column {
    std::string name;
    CsvColumnPlan plan;
    bool requested = true;
    bool torn = false;  ///< text now, with earlier chunks that are none
    std::vector<std::vector<CsvChunk>> chunks;  ///< by file
    ColumnReport report;
  };
  struct File {
    const InputFile* input;
    CsvLayout layout;
    int64_t rows = 0;
  };
  /// Where reading of a file stands.
  struct Position {
    int64_t row = 0, line = 0;
  };

  std::unique_ptr<CsvBlocks> open(const InputFile& file, CsvBlock& first, CsvLayout& layout, Position& at,
                                  std::vector<std::string>& notes);
  std::vector<std::string> read_header(const InputFile& file, CsvBlock& block, const CsvLayout& layout,
                                       Position& at, std::vector<std::string>& notes) const;
  void set_columns(const std::vector<std::string>& names, const InputFile& file);
  void match_columns(const InputFile& file, CsvLayout& layout) const;
  void read_blocks(size_t file, CsvBlocks& blocks, CsvBlock first, Position at);
  void take_wave(size_t file, const std::vector<CsvBlock>& wave, Position& at);
  void parse_again(const CsvLayout& layout, const std::vector<CsvBlock>& wave,
                   std::vector<CsvParsed>& parsed);
  void record_lifts(size_t file, const CsvParsed& parsed, const Position& at);
  void reread(size_t file);
  bool may_reread() const;
  void keep(size_t file, std::vector<CsvParsed>& parsed);
  void drop_chunks();
  void hand_on();
  std::shared_ptr<arrow::Table> take_table();
  static bool holds_no_text(const Column& column);
  bool must_reread(const Column& column, size_t file) const;
  [[noreturn]] void fail_at(const InputFile& file, const CsvError& error, const Position& at) const;

  const ReadRequest& request_;
  ThreadPool& pool_;
  ReadReport& report_;
  CsvRules rules_;
  std::vector<Column> columns_;
  std::vector<File> files_;
  int64_t bytes_ = 0;      ///< that the chunks take
  int64_t kept_rows_ = 0;  ///< in the chunks
  int64_t most_bytes_ = std::numeric_limits<int64_t>::max();
  bool dropped_ = false;
  std::function<void(const Table&)> take_;
};

}  // namespace crisp
