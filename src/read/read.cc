#include "read/read.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <unordered_set>

#include "cuda/error.h"
#include "read/arrow_columnar.h"
#include "read/csv_dialect.h"
#include "read/csv_reader.h"
#include "read/opened.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

using namespace std::string_view_literals;

bool has_ending(const std::string& path, std::string_view ending) {
  const std::string_view name =
      path.ends_with(".gz") ? std::string_view(path).substr(0, path.size() - 3) : path;
  return name.ends_with(ending);
}

/// By the contents where they are plain; else by the name.
FileFormat format_of(const InputFile& file) {
  char start[64] = {};
  const std::string_view text(start, static_cast<size_t>(file.read_at(0, start, sizeof start, false)));
  if (text.starts_with("PAR1")) return FileFormat::parquet;
  if (text.starts_with("ARROW1"sv)) return FileFormat::arrow;
  const std::string& name = file.name();
  const bool parquet = has_ending(name, ".parquet") || has_ending(name, ".pq");
  CRISP_REQUIRE(!parquet, Code::data, name, ": not a Parquet file: it does not begin with PAR1");
  const bool arrow = has_ending(name, ".arrow") || has_ending(name, ".feather") || has_ending(name, ".ipc");
  CRISP_REQUIRE(!arrow, Code::data, name, ": not an Arrow file: it does not begin with ARROW1");
  if (has_ending(name, ".jsonl") || has_ending(name, ".ndjson")) return FileFormat::json_lines;
  const bool named = has_ending(name, ".csv") || has_ending(name, ".tsv") || has_ending(name, ".tab");
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool object = first != text.npos && text[first] == '{' &&
                      text.substr(first + 1).find_first_not_of(" \t\r\n") != text.npos &&
                      "\"}"sv.find(text[text.find_first_not_of(" \t\r\n", first + 1)]) != text.npos;
  return !named && object ? FileFormat::json_lines : FileFormat::csv;
}

std::shared_ptr<arrow::Table> read_columnar(const InputFile& file, FileFormat format,
                                            const ReadRequest& request) {
  switch (format) {
    case FileFormat::parquet:
      return read_parquet(file, request);
    case FileFormat::arrow:
      return read_arrow_ipc(file, request);
    default:
      return read_json_lines(file, request);
  }
}

/// The columns of `table` in the order of `first`; the same names are required.
Table matched(const Table& table, const Table& first, const std::string& file,
              const std::string& first_file) {
  for (const std::string& name : table.names()) {
    CRISP_REQUIRE(first.has(name), Code::data, file, ": column '", name, "' is not in ", first_file);
  }
  for (const std::string& name : first.names()) {
    CRISP_REQUIRE(table.has(name), Code::data, file, ": column '", name, "' of ", first_file, " is missing");
  }
  return table.select(first.names());
}

/// Integers in one file and reals in another become reals; a column of nothing but missing values takes any
/// type.
void agree_on_types(std::vector<Table>& tables, const std::vector<FileReport>& files) {
  for (const std::string& name : tables.front().names()) {
    ColumnType type = tables.front().type(name);
    const auto blank = [&](const Table& t) {
      return t.arrow()->GetColumnByName(name)->null_count() == t.rows();
    };
    bool decided = !blank(tables.front());
    for (size_t i = 1; i < tables.size(); ++i) {
      const ColumnType other = tables[i].type(name);
      if (other == type || blank(tables[i])) continue;
      const bool numbers = join(kind_of(other), kind_of(type)) == Kind::real;
      CRISP_REQUIRE(!decided || numbers, Code::data, files[i].path, ": column '", name, "' is ",
                    column_type_name(other), ", but ", column_type_name(type), " in the files before it");
      type = decided ? ColumnType::real : other;
      decided = true;
    }
    for (Table& table : tables) table = with_type(table, name, type, {});
  }
}

Table read_all_columnar(const std::deque<InputFile>& files, FileFormat format, const ReadRequest& request,
                        ReadReport& report) {
  std::vector<Table> tables;
  for (const InputFile& file : files) {
    const auto raw = read_columnar(file, format, request);
    std::vector<std::string> names = raw->ColumnNames(), notes;
    make_unique(names, file.name(), report.notes);
    try {
      Table table(normalise_types(check(raw->RenameColumns(names)), &notes));
      table = with_types(std::move(table), request);
      tables.push_back(tables.empty() ? table
                                      : matched(table, tables.front(), file.name(), files.front().name()));
    } catch (Error& error) {
      if (!std::string_view(error.what()).starts_with(file.name())) error.add_context(file.name());
      throw;
    }
    for (const std::string& note : notes) report.notes.push_back(concat(file.name(), ": ", note));
    report.files.push_back({file.name(), format, 0, raw->num_rows(), file.size()});
    file.rest();
  }
  agree_on_types(tables, report.files);
  const Table table = Table::concatenate(tables);
  for (const ColumnInfo& column : table.schema()) {
    report.columns.push_back({column.name,
                              column.type,
                              request.types.contains(column.name),
                              column.missing == table.rows() && table.rows() > 0,
                              {}});
  }
  return table;
}

void add_files(CsvReader& reader, const std::deque<InputFile>& files) {
  for (const InputFile& file : files) {
    reader.add(file);
    file.rest();
  }
}

Table read_all_csv(const std::deque<InputFile>& files, const ReadRequest& request, ReadReport& report) {
  ThreadPool pool(request.threads);
  CsvReader reader(request, pool, report);
  add_files(reader, files);
  return Table(reader.finish());
}

Table in_order(const Table& table, const std::vector<std::string>& columns) {
  return columns.empty() ? table : table.select(columns);
}

}  // namespace

FileFormat open_inputs(const std::string& path, std::deque<InputFile>& files) {
  FileFormat format = FileFormat::csv;
  for (const std::string& name : input_files(path)) {
    const InputFile& file = files.emplace_back(name);
    const FileFormat its = format_of(file);
    if (files.size() == 1) format = its;
    CRISP_REQUIRE(its == format, Code::data, file.name(), " is ", file_format_name(its), ", but ",
                  files.front().name(), " is ", file_format_name(format));
    if (files.size() > 1) file.rest();
  }
  return format;
}

Table read_opened(const std::deque<InputFile>& files, FileFormat format, const ReadRequest& request,
                  ReadReport& report) {
  const Table table = format == FileFormat::csv ? read_all_csv(files, request, report)
                                                : read_all_columnar(files, format, request, report);
  return in_order(table, request.columns);
}

namespace {

/// What every way of reading begins with: the files, and a place for what is seen, wanted or not.
struct Inputs {
  Inputs(const std::string& path, ReadReport* report) : about(report != nullptr ? *report : unwanted) {
    arrow_start();
    about = {};
    format = open_inputs(path, files);
  }

  ReadReport unwanted;
  ReadReport& about;
  std::deque<InputFile> files;
  FileFormat format;
};

}  // namespace

Table read_table(const ReadRequest& request, ReadReport* report) {
  const Inputs inputs(request.path, report);
  return read_opened(inputs.files, inputs.format, request, inputs.about);
}

void read_batches(const ReadRequest& request, const std::function<void(const Table&)>& take, ReadReport* report) {
  const Inputs inputs(request.path, report);
  if (inputs.format != FileFormat::csv) {
    return cut_into_batches(read_opened(inputs.files, inputs.format, request, inputs.about), take);
  }
  bool any = false;
  ThreadPool pool(request.threads);
  CsvReader reader(request, pool, inputs.about);
  reader.stream([&](const Table& batch) {
    any = true;
    take(in_order(batch, request.columns));
  });
  add_files(reader, inputs.files);
  const Table empty(reader.finish());
  if (!any) take(in_order(empty, request.columns));
}

void cut_into_batches(const Table& table, const std::function<void(const Table&)>& take) {
  for (int64_t begin = 0; begin == 0 || begin < table.rows(); begin += kBatchRows) {
    take(table.slice(begin, std::min(kBatchRows, table.rows() - begin)));
  }
}

}  // namespace crisp
