#include "read/row_groups.h"

#include <parquet/metadata.h>

#include <algorithm>
#include <deque>

#include "core/interrupt.h"
#include "core/sha256.h"
#include "core/stable_hash.h"
#include "cuda/error.h"
#include "read/arrow_columnar.h"
#include "read/opened.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {

struct RowGroups::Files {
  ReadRequest request;
  std::deque<InputFile> inputs;
  std::vector<ParquetGroups> groups;  // of each file
  std::vector<ColumnInfo> columns;
  ReadReport report;
  Table empty;

  /// As a part of the whole table.
  Table ours(const std::shared_ptr<arrow::Table>& raw, const InputFile& file, std::vector<std::string>& notes) const {
    Table table = with_types(normalised(raw, file.name(), notes), request);
    return request.columns.empty() ? table : table.select(request.columns);
  }
};

RowGroups::RowGroups(const ReadRequest& request) : files_(std::make_unique<Files>()) { files_->request = request; }
RowGroups::RowGroups(RowGroups&&) noexcept = default;
RowGroups::~RowGroups() = default;

std::optional<RowGroups> RowGroups::open(const ReadRequest& request, std::string& why) {
  arrow_start();
  RowGroups out(request);
  Files& files = *out.files_;
  const FileFormat format = open_inputs(request.path, files.inputs);
  const auto refuse = [&](const auto&... parts) {
    why = concat(parts...);
    return std::optional<RowGroups>();
  };
  if (format != FileFormat::parquet) return refuse(data_name(request.path), " is ", file_format_name(format), ", and only Parquet has row groups");
  int64_t rows = 0;
  for (const InputFile& file : files.inputs) {
    if (file.is_pipe()) return refuse("a pipe can be read only once");
    int64_t its_rows = 0;
    const auto empty = parquet_schema(file, request, its_rows);
    if (!plain_types(*empty->schema())) return refuse(file.name(), " has a column of unsigned 64-bit numbers, whose type depends on all rows");
    const Table table = files.ours(empty, file, files.report.notes);
    const bool first = &file == &files.inputs.front();
    if (first) files.empty = table;
    if (!first && !same_columns(files.empty.schema(), table.schema())) return refuse(file.name(), " has other columns, or types, than ", files.inputs.front().name());
    const ParquetGroups& groups = files.groups.emplace_back(parquet_groups(file, request));
    for (size_t i = 0; i < groups.rows.size(); ++i) {
      const int place = static_cast<int>(i);
      out.groups_.push_back({files.groups.size() - 1, place, rows, groups.rows[i], groups.footer->RowGroup(place)->total_byte_size()});
      rows += groups.rows[i];
    }
    files.report.files.push_back({file.name(), format, 0, its_rows, file.size()});
    file.rest();
  }
  files.columns = files.empty.schema();
  for (const ColumnInfo& column : files.columns) files.report.columns.push_back({column.name, column.type, request.types.contains(column.name), false, {}});
  return out;
}

const std::vector<ColumnInfo>& RowGroups::columns() const { return files_->columns; }
const ReadReport& RowGroups::report() const { return files_->report; }
Table RowGroups::no_rows() const { return files_->empty; }
int64_t RowGroups::rows() const { return groups_.empty() ? 0 : groups_.back().begin + groups_.back().rows; }

std::string RowGroups::name(int64_t group) const {
  const Group& at = groups_[static_cast<size_t>(group)];
  return concat(files_->inputs[at.file].name(), ", row group ", at.place);
}

Table RowGroups::read(int64_t group, const std::vector<std::string>& columns) const {
  const Group& at = groups_[static_cast<size_t>(group)];
  const InputFile& file = files_->inputs[at.file];
  ReadRequest request = files_->request;
  if (!columns.empty()) request.columns = columns;
  try {
    std::vector<std::string> told_before;
    const auto raw = read_parquet_group(file, request, files_->groups[at.file], at.place);
    file.rest();  // the next time it must be unchanged
    CRISP_REQUIRE(raw->num_rows() == at.rows, Code::data, "has ", raw->num_rows(), " rows, not the ", at.rows, " that its footer says");
    const Table table = files_->ours(raw, file, told_before);
    return columns.empty() ? table : table.select(columns);
  } catch (Error& error) {
    const std::string_view what = error.what();
    const std::string& path = file.name();
    // The file is named in front already: the group comes behind it.
    if (what.starts_with(path)) throw Error(error.code(), concat(name(group), what.substr(path.size())), error.hint());
    error.add_context(name(group));
    throw;
  }
}

std::string RowGroups::sha256() const {
  constexpr int64_t kPiece = int64_t{1} << 20;
  Sha256 hash;
  std::vector<uint8_t> piece(static_cast<size_t>(kPiece));
  for (const InputFile& file : files_->inputs) {
    for (int64_t at = 0; at < file.size(); at += kPiece) {
      check_interrupt();
      const int64_t size = file.read_at(at, piece.data(), std::min(kPiece, file.size() - at));
      hash.update({piece.data(), static_cast<size_t>(size)});
    }
    file.rest();
  }
  return hash.finish();
}

uint64_t RowGroups::shape() const {
  std::string all;
  for (const Group& group : groups_) all += concat(group.file, " ", group.rows, " ", group.bytes, "\n");
  return stable_hash(all);
}

}  // namespace crisp
