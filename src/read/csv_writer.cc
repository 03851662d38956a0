#include "read/csv_writer.h"

#include <string_view>
#include <vector>

#include "cuda/error.h"
#include "read/csv_value.h"
#include "read/read.h"
#include "table/arrow_bridge.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

class CsvWriter {
 public:
  CsvWriter(const Table& table, char separator)
      : separator_(separator),
        missing_(CsvOptions{}.missing),
        missing_text_(table.columns() == 1 ? "NA" : "") {
    for (const ColumnInfo& column : table.schema()) {
      types_.push_back(column.type);
      names_.push_back(column.name);
    }
  }

  void append_header(std::string& out) const {
    for (size_t j = 0; j < names_.size(); ++j) {
      if (j > 0) out.push_back(separator_);
      const std::string& name = names_[j];
      const bool blanks = trimmed(name).size() != name.size();
      append_value(out, name, blanks || name.empty() || name.starts_with("\xef\xbb\xbf"), j);
    }
    out.push_back('\n');
  }

  void append_row(std::string& out, const arrow::RecordBatch& batch, int64_t row) const {
    for (size_t j = 0; j < types_.size(); ++j) {
      if (j > 0) out.push_back(separator_);
      append_cell(out, *batch.column_data(static_cast<int>(j)), j, row);
    }
    out.push_back('\n');
  }

 private:
  void append_cell(std::string& out, const arrow::ArrayData& data, size_t j, int64_t row) const {
    if (!data.IsValid(row)) {
      out.append(missing_text_);
      return;
    }
    switch (types_[j]) {
      case ColumnType::boolean:
        return append_boolean(out, arrow::bit_util::GetBit(data.buffers[1]->data(), data.offset + row));
      case ColumnType::integer:
        return append_integer(out, data.GetValues<int64_t>(1)[row]);
      case ColumnType::real:
        return append_real(out, data.GetValues<double>(1)[row]);
      case ColumnType::timestamp:
        return append_timestamp(out, data.GetValues<int64_t>(1)[row]);
      case ColumnType::text:
        break;
    }
    const int32_t* ends = data.GetValues<int32_t>(1) + row;
    const auto* bytes =
        data.buffers[2] == nullptr ? nullptr : reinterpret_cast<const char*>(data.buffers[2]->data());
    const std::string_view text(bytes + ends[0], static_cast<size_t>(ends[1] - ends[0]));
    append_value(out, text, missing_.contains(trimmed(text)), j);
  }

  void append_value(std::string& out, std::string_view text, bool quote, size_t column) const {
    const bool special = text.find(separator_) != text.npos || text.find_first_of("\"\r\n") != text.npos;
    CRISP_REQUIRE(text.find('\0') == text.npos, Code::data, "column '", names_[column],
                  "' holds a NUL byte, which CSV cannot");
    if (!quote && !special) {
      out.append(text);
      return;
    }
    out.push_back('"');
    for (const char c : text) {
      if (c == '"') out.push_back('"');
      out.push_back(c);
    }
    out.push_back('"');
  }

  char separator_;
  MissingValues missing_;
  const char* missing_text_;
  std::vector<ColumnType> types_;
  std::vector<std::string> names_;
};

}  // namespace

void write_csv(const Table& table, char separator, const std::function<void(const std::string&)>& sink,
               bool header) {
  constexpr size_t kPiece = size_t{1} << 20;
  CRISP_REQUIRE(table.columns() > 0, Code::data, "a table without columns cannot be written as CSV");
  const CsvWriter writer(table, separator);
  std::string piece;
  if (header) writer.append_header(piece);
  arrow::TableBatchReader batches(*table.arrow());
  for (std::shared_ptr<arrow::RecordBatch> batch; check(batches.ReadNext(&batch)), batch != nullptr;) {
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      writer.append_row(piece, *batch, row);
      if (piece.size() < kPiece) continue;
      sink(piece);
      piece.clear();
    }
  }
  sink(piece);
}

}  // namespace crisp
