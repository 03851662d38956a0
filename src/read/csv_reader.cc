#include "read/csv_reader.h"

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/interrupt.h"
#include "cuda/error.h"
#include "read/csv_dialect.h"
#include "read/csv_tokens.h"
#include "read/read_columns.h"

namespace crisp {
namespace {

constexpr int64_t kWaveBytes = int64_t{256} << 20;

bool is_tab_file(const std::string& path) {
  return path.ends_with(".tsv") || path.ends_with(".tab") || path.ends_with(".tsv.gz") ||
         path.ends_with(".tab.gz");
}

/// Fills `wave` with blocks; what goes wrong is kept for later, because errors in the blocks before it come
/// first.
void gather(CsvBlocks& blocks, size_t count, std::vector<CsvBlock>& wave, bool& ended,
            std::exception_ptr& failure) {
  int64_t bytes = 0;
  try {
    while (wave.size() < count && bytes < kWaveBytes && !ended) {
      CsvBlock block;
      ended = !blocks.next(block);
      if (ended) break;
      bytes += block.end;
      wave.push_back(std::move(block));
    }
  } catch (...) {
    failure = std::current_exception();
    ended = true;
  }
}

}  // namespace

CsvReader::CsvReader(const ReadRequest& request, ThreadPool& pool, ReadReport& report)
    : request_(request),
      pool_(pool),
      report_(report),
      rules_{MissingValues(request.csv.missing), request.csv.timestamp_formats} {
  constexpr int64_t kMost = int64_t{1} << 30;  // texts of a block are addressed by 32 bits
  CRISP_REQUIRE(request.csv.line_limit <= kMost && request.csv.block_bytes <= kMost, Code::config,
                "records and blocks of CSV files have at most ", kMost, " bytes");
}

void CsvReader::fail_at(const InputFile& file, const CsvError& error, const Position& at) const {
  const std::string where = error.line >= 0 ? concat(file.name(), ": line ", at.line + error.line + 1, ": ")
                                            : concat(file.name(), ": row ", at.row + error.row + 1, ", ");
  throw Error(Code::data, where + error.message, error.hint);
}

std::vector<std::string> CsvReader::read_header(const InputFile& file, CsvBlock& block,
                                                const CsvLayout& layout, Position& at,
                                                std::vector<std::string>& notes) const {
  CsvTokens tokens(block.text(), layout.separator);
  tokens.skip_blank_lines();
  const int64_t line = at.line + tokens.lines();
  const char* const begin = tokens.at();
  std::vector<std::string> names;
  CsvStop stop = CsvStop::separator;
  std::string_view value;
  bool quoted;
  while (stop == CsvStop::separator) {
    stop = tokens.next(value, quoted);
    CRISP_REQUIRE(static_cast<int64_t>(names.size()) < request_.csv.column_limit, Code::data, file.name(),
                  ": more columns than the limit of ", request_.csv.column_limit);
    CRISP_REQUIRE(!request_.csv.header || value.size() <= 1024, Code::data, file.name(), ": line ", line + 1,
                  ": a column name of ", value.size(), " bytes is longer than the limit of 1024");
    names.emplace_back(!request_.csv.header ? "" : quoted ? value : trimmed(value));
  }
  const auto size = static_cast<size_t>(tokens.at() - begin);
  const int64_t invalid = find_invalid_text({begin, size});
  if (invalid >= 0) {
    fail_at(file,
            invalid_text_error(line + count_line_ends({begin, static_cast<size_t>(invalid)}), begin[invalid]),
            {});
  }
  CRISP_REQUIRE(static_cast<int64_t>(size) <= layout.line_limit, Code::data, file.name(), ": line ", line + 1,
                ": a record is longer than the limit of ", layout.line_limit, " bytes");
  CRISP_REQUIRE(stop != CsvStop::unclosed_quote, Code::data, file.name(), ": line ", line + 1,
                ": the quote that begins a value is never closed");
  CRISP_REQUIRE(stop != CsvStop::text_behind_quote, Code::data, file.name(), ": line ", line + 1,
                ": there is text behind the closing quote of a value");
  if (request_.csv.header) {
    block.begin = tokens.at() - block.bytes.data();
    at.line += tokens.lines();
    make_unique(names, file.name(), notes);
  } else {
    for (size_t i = 0; i < names.size(); ++i) names[i] = concat("f", i);
  }
  return names;
}

std::unique_ptr<CsvBlocks> CsvReader::open(const InputFile& file, CsvBlock& first, CsvLayout& layout,
                                           Position& at, std::vector<std::string>& notes) {
  auto blocks = std::make_unique<CsvBlocks>(open_source(file, request_.ratio_limit), request_.csv.block_bytes,
                                            request_.csv.line_limit);
  if (take_ && file.is_pipe()) blocks->set_live();
  blocks->skip(byte_order_mark(blocks->peek(), file.name()));
  layout.field_limit = request_.csv.field_limit;
  layout.line_limit = request_.csv.line_limit;
  layout.separator = request_.csv.separator != 0 ? request_.csv.separator
                     : is_tab_file(file.name())  ? '\t'
                                                 : blocks->find_separator();
  blocks->set_separator(layout.separator);
  for (;;) {
    CRISP_REQUIRE(blocks->next(first), Code::data, file.name(), ": the file is empty");
    CsvTokens tokens(first.text(), layout.separator);
    tokens.skip_blank_lines();
    if (!tokens.at_end()) break;
    at.line += tokens.lines();
  }
  layout.names = read_header(file, first, layout, at, notes);
  // A wide table has few rows in a block, and a chunk of each column costs as much as a hundred values.
  blocks->set_block_bytes(
      std::max(request_.csv.block_bytes, 16 * (first.begin != 0 ? first.begin : first.end)));
  return blocks;
}

void CsvReader::set_columns(const std::vector<std::string>& names, const InputFile& file) {
  require_columns(request_.columns, names, file.name());
  const std::unordered_set<std::string> wanted(request_.columns.begin(), request_.columns.end());
  for (const std::string& name : names) {
    Column column;
    column.name = column.report.name = name;
    const auto type = request_.types.find(name);
    if (type != request_.types.end()) {
      column.plan = {kind_of(type->second), true, true, request_.fractions.contains(name)};
      column.report.forced = true;
    } else if (take_) {
      column.plan = {Kind::text, true, true};
    }
    column.requested = wanted.empty() || wanted.contains(name);
    column.plan.wanted = column.requested;
    columns_.push_back(std::move(column));
  }
}

void CsvReader::match_columns(const InputFile& file, CsvLayout& layout) const {
  std::unordered_map<std::string, int> index;
  for (size_t i = 0; i < columns_.size(); ++i) index.emplace(columns_[i].name, static_cast<int>(i));
  for (const std::string& name : layout.names) {
    const auto found = index.find(name);
    CRISP_REQUIRE(found != index.end(), Code::data, file.name(), ": column '", name, "' is not in ",
                  files_.front().input->name());
    layout.column_of.push_back(found->second);
    index.erase(found);
  }
  if (index.empty()) return;
  const auto absent =
      std::min_element(index.begin(), index.end(), [](auto& a, auto& b) { return a.second < b.second; });
  fail(Code::data, file.name(), ": column '", absent->first, "' of ", files_.front().input->name(),
       " is missing");
}

void CsvReader::add(const InputFile& file) {
  File entry{&file, {}, 0};
  CsvBlock first;
  Position at;
  const auto blocks = open(file, first, entry.layout, at, report_.notes);
  if (columns_.empty()) set_columns(entry.layout.names, file);
  files_.push_back(std::move(entry));
  match_columns(file, files_.back().layout);
  for (Column& column : columns_) column.chunks.emplace_back();
  read_blocks(files_.size() - 1, *blocks, std::move(first), at);
  FileReport about{file.name(), FileFormat::csv, files_.back().layout.separator, files_.back().rows,
                   file.size()};
  report_.files.push_back(std::move(about));
}

void CsvReader::read_blocks(size_t file, CsvBlocks& blocks, CsvBlock first, Position at) {
  const bool live = take_ && files_[file].input->is_pipe();
  const size_t count = live ? 1 : 2 * static_cast<size_t>(pool_.threads());
  std::vector<CsvBlock> wave, next;
  wave.push_back(std::move(first));
  bool ended = false;
  std::exception_ptr failure;
  gather(blocks, count, wave, ended, failure);
  while (!wave.empty()) {
    check_interrupt();
    take_wave(file, wave, at);
    if (failure) std::rethrow_exception(failure);
    wave.clear();
    gather(blocks, count, wave, ended, failure);
  }
  if (failure) std::rethrow_exception(failure);
  files_[file].rows = at.row;
}

bool CsvReader::holds_no_text(const Column& column) {
  const auto no_text = [](const CsvChunk& chunk) { return !chunk.can_be(Kind::text); };
  return std::any_of(column.chunks.begin(), column.chunks.end(),
                     [&](const auto& of_file) { return std::any_of(of_file.begin(), of_file.end(), no_text); });
}

void CsvReader::record_lifts(size_t file, const CsvParsed& parsed, const Position& at) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    for (const CsvLift& lift : parsed.lifts[i]) {
      const Kind before = column.plan.kind;
      column.plan.kind = join(before, lift.kind);
      if (column.plan.kind == Kind::text && before != Kind::text) column.torn = holds_no_text(column);
      if (before == Kind::none || before == column.plan.kind) continue;
      column.report.promotions.push_back({type_of(before), type_of(column.plan.kind),
                                          files_[file].input->name(), at.row + lift.row + 1, lift.value});
    }
  }
}

/// The columns of some blocks that became text after numbers had been parsed: the text is still there.
void CsvReader::parse_again(const CsvLayout& layout, const std::vector<CsvBlock>& wave,
                            std::vector<CsvParsed>& parsed) {
  pool_.run(static_cast<int64_t>(wave.size()), [&](int64_t b) {
    CsvParsed& block = parsed[static_cast<size_t>(b)];
    std::vector<CsvColumnPlan> plans(columns_.size(), {Kind::text, false, false});
    bool any = false;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool lost = columns_[i].plan.wanted && columns_[i].plan.kind == Kind::text &&
                        !block.chunks[i].can_be(Kind::text);
      plans[i].wanted = lost;
      any = any || lost;
    }
    if (!any) return;
    CsvParsed again = parse_csv_block(wave[static_cast<size_t>(b)].text(), layout, rules_, plans);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (plans[i].wanted) block.chunks[i] = std::move(again.chunks[i]);
    }
  });
}

void CsvReader::take_wave(size_t file, const std::vector<CsvBlock>& wave, Position& at) {
  const CsvLayout& layout = files_[file].layout;
  std::vector<CsvColumnPlan> plans;
  for (const Column& column : columns_) plans.push_back(column.plan);
  std::vector<CsvParsed> parsed(wave.size());
  pool_.run(static_cast<int64_t>(wave.size()), [&](int64_t b) {
    const auto i = static_cast<size_t>(b);
    parsed[i] = parse_csv_block(wave[i].text(), layout, rules_, plans);
  });
  for (const CsvParsed& block : parsed) {
    if (block.error) fail_at(*files_[file].input, *block.error, at);
    record_lifts(file, block, at);
    at.row += block.rows;
    at.line += block.lines;
  }
  parse_again(layout, wave, parsed);
  if (!dropped_) keep(file, parsed);
  const InputFile& input = *files_[file].input;
  if (take_ && input.is_pipe()) hand_on();
  if (!may_reread()) input.forget();
  input.require_room(bytes_);
  if (bytes_ > most_bytes_ && !input.is_pipe()) drop_chunks();
}

void CsvReader::keep(size_t file, std::vector<CsvParsed>& parsed) {
  for (CsvParsed& block : parsed) {
    for (size_t i = 0; i < columns_.size() && block.rows > 0; ++i) {
      if (!columns_[i].plan.wanted) continue;
      bytes_ += block.chunks[i].bytes();
      columns_[i].chunks[file].push_back(std::move(block.chunks[i]));
    }
    kept_rows_ += block.rows;
    if (take_ && kept_rows_ >= kBatchRows) hand_on();
  }
}

void CsvReader::drop_chunks() {
  dropped_ = true;
  bytes_ = kept_rows_ = 0;
  for (Column& column : columns_) {
    for (auto& of_file : column.chunks) of_file.clear();
  }
}

void CsvReader::hand_on() {
  if (kept_rows_ > 0) take_(Table(take_table()));
}

/// Whether a column is, or may yet become, text that was something else before.
bool CsvReader::may_reread() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const Column& column) {
    return column.requested && (column.torn || (!column.plan.forced && column.plan.kind != Kind::text));
  });
}

bool CsvReader::must_reread(const Column& column, size_t file) const {
  const Kind kind = column.plan.kind == Kind::none ? Kind::text : column.plan.kind;
  const auto& chunks = column.chunks[file];
  return column.requested && std::any_of(chunks.begin(), chunks.end(),
                                         [&](const CsvChunk& chunk) { return !chunk.can_be(kind); });
}

void CsvReader::reread(size_t file) {
  bool any = false;
  for (Column& column : columns_) {
    column.plan.wanted = must_reread(column, file);
    any = any || column.plan.wanted;
    if (column.plan.wanted) column.chunks[file].clear();
    if (column.plan.wanted) column.plan.kind = Kind::text;
  }
  if (!any) return;
  CsvBlock first;
  Position at;
  CsvLayout ignored_layout;
  std::vector<std::string> ignored_notes;
  const int64_t rows = files_[file].rows, kept_rows = kept_rows_;
  const auto blocks = open(*files_[file].input, first, ignored_layout, at, ignored_notes);
  read_blocks(file, *blocks, std::move(first), at);
  kept_rows_ = kept_rows;
  files_[file].input->rest();
  CRISP_REQUIRE(files_[file].rows == rows, Code::data, files_[file].input->name(),
                ": changed while it was read");
}

/// The chunks that are there, in their final types.
std::shared_ptr<arrow::Table> CsvReader::take_table() {
  arrow::FieldVector fields;
  arrow::ChunkedArrayVector arrays;
  for (Column& column : columns_) {
    if (!column.requested) continue;
    const Kind kind = kind_of(type_of(column.plan.kind));
    arrow::ArrayVector chunks;
    for (auto& of_file : column.chunks) {
      for (const CsvChunk& chunk : of_file) chunks.push_back(arrow::MakeArray(chunk.as(kind)));
      of_file.clear();
    }
    fields.push_back(arrow::field(column.name, arrow_type(type_of(kind))));
    arrays.push_back(check(arrow::ChunkedArray::Make(std::move(chunks), fields.back()->type())));
  }
  const int64_t rows = std::exchange(kept_rows_, 0);
  bytes_ = 0;
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays), rows);
}

std::shared_ptr<arrow::Table> CsvReader::finish() {
  for (size_t file = 0; file < files_.size() && !dropped_ && !take_; ++file) reread(file);
  for (Column& column : columns_) {
    if (!column.requested) continue;
    column.report.all_missing = column.plan.kind == Kind::none;
    column.report.type = type_of(column.plan.kind);
    note_promotions(column.report, report_.notes);
    report_.columns.push_back(column.report);
  }
  if (take_) hand_on();
  return take_table();
}

}  // namespace crisp
