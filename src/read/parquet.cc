#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/interrupt.h"
#include "cuda/error.h"
#include "read/arrow_stream.h"
#include "read/arrow_columnar.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

constexpr int64_t kFooterLimit = int64_t{64} << 20;
constexpr int64_t kRowGroupLimit = int64_t{2} << 30;

/// The last eight bytes are the footer's length and the magic: both are checked before Arrow allocates by
/// them.
void check_footer(const InputFile& file) {
  uint8_t tail[8] = {};
  const bool whole = file.size() >= 12 && file.read_at(file.size() - 8, tail, 8) == 8;
  const bool encrypted = whole && std::memcmp(tail + 4, "PARE", 4) == 0;
  CRISP_REQUIRE(!encrypted, Code::data, file.name(), ": the Parquet file is encrypted");
  CRISP_REQUIRE(whole && std::memcmp(tail + 4, "PAR1", 4) == 0, Code::data, file.name(),
                ": the Parquet file is cut off: its end is missing");
  uint32_t length = 0;
  std::memcpy(&length, tail, 4);
  CRISP_REQUIRE(length <= kFooterLimit && length <= file.size() - 12, Code::data, file.name(),
                ": the Parquet footer claims ", length, " bytes, in a file of ", file.size());
}

void check_row_groups(const parquet::FileMetaData& metadata, const InputFile& file, int64_t ratio_limit) {
  for (int i = 0; i < metadata.num_row_groups(); ++i) {
    const auto group = metadata.RowGroup(i);
    CRISP_REQUIRE(
        group->num_rows() >= 0 && group->total_byte_size() >= 0 && group->total_byte_size() <= kRowGroupLimit,
        Code::data, file.name(), ": row group ", i, " claims ", group->total_byte_size(),
        " bytes; the limit is ", kRowGroupLimit);
    CRISP_REQUIRE(group->total_byte_size() / std::max<int64_t>(ratio_limit, 1) <= file.size(), Code::data,
                  file.name(), ": row group ", i, " grows more than ", ratio_limit,
                  "-fold when decompressed");
  }
}

/// The leaf of every wanted column; a nested one is refused by name.
std::vector<int> leaves(const parquet::arrow::FileReader& reader, const std::vector<std::string>& wanted,
                        const InputFile& file) {
  std::vector<int> out;
  std::vector<std::string> names;
  for (const auto& field : reader.manifest().schema_fields) {
    const std::string& name = field.field->name();
    names.push_back(name);
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    if (!field.is_leaf()) {
      throw Error(Code::data,
                  concat("column '", name, "' has the nested type ", field.field->type()->ToString()),
                  "leave it out by naming the columns to read, or flatten it first");
    }
    out.push_back(field.column_index);
  }
  require_columns(wanted, names, file.name());
  return out;
}

std::shared_ptr<arrow::Table> no_rows(parquet::arrow::FileReader& reader, const ReadRequest& request) {
  std::shared_ptr<arrow::Schema> schema;
  check(reader.GetSchema(&schema));
  arrow::FieldVector fields;
  for (const auto& field : schema->fields()) {
    const auto& wanted = request.columns;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), field->name()) != wanted.end()) {
      fields.push_back(field);
    }
  }
  return check(arrow::Table::MakeEmpty(arrow::schema(std::move(fields))));
}

std::shared_ptr<arrow::Table> read_row_group(parquet::arrow::FileReader& reader, const InputFile& file, int i,
                                             const std::vector<int>& columns) {
  auto group = check(reader.ReadRowGroup(i, columns));
  arrow::TableBatchReader batches(*group);
  for (std::shared_ptr<arrow::RecordBatch> batch; check(batches.ReadNext(&batch)), batch != nullptr;) {
    validate(*batch, file);
  }
  return group;
}

std::shared_ptr<arrow::Table> read_row_groups(parquet::arrow::FileReader& reader, const InputFile& file,
                                              const ReadRequest& request) {
  const std::vector<int> columns = leaves(reader, request.columns, file);
  std::vector<std::shared_ptr<arrow::Table>> groups;
  for (int i = 0; i < reader.num_row_groups(); ++i) {
    check_interrupt();
    groups.push_back(read_row_group(reader, file, i, columns));
  }
  if (!groups.empty()) return check(arrow::ConcatenateTables(groups));
  return no_rows(reader, request);
}

/// Opens and checks the file and gives the action its reader; failures name the file. `buffered`: pages are read when
/// they are needed, instead of whole columns of a row group. `known`: what was read of the file before.
template <class Action>
auto with_reader(const InputFile& file, const ReadRequest& request, bool buffered, Action action, const ParquetGroups& known = {}) {
  check_footer(file);
  arrow::MemoryPool* pool = known.pool ? known.pool : limited_pool(file, request.ratio_limit);
  parquet::ReaderProperties properties(pool);
  properties.set_page_checksum_verification(true);
  properties.set_thrift_string_size_limit(static_cast<int32_t>(kFooterLimit));
  properties.set_thrift_container_size_limit(1 << 20);
  if (buffered) properties.enable_buffered_stream();
  try {
    parquet::arrow::FileReaderBuilder builder;
    check(builder.Open(as_random_access(file), properties, known.footer));
    parquet::ArrowReaderProperties arrow_properties;
    arrow_properties.set_use_threads(true);
    arrow_properties.set_pre_buffer(false);
    arrow_properties.set_batch_size(kBatchRows);
    builder.memory_pool(pool)->properties(arrow_properties);
    const auto reader = check(builder.Build());
    if (!known.footer) check_row_groups(*reader->parquet_reader()->metadata(), file, request.ratio_limit);
    return action(*reader);
  } catch (Error& error) {
    if (error.code() == Code::no_memory) {
      fail(Code::data, file.name(), ": grows more than ", request.ratio_limit, "-fold when decompressed");
    }
    if (std::string_view(error.what()).starts_with(file.name())) throw;
    error.add_context(file.name());
    throw;
  } catch (const parquet::ParquetException& error) {
    fail(Code::data, file.name(), ": damaged Parquet file: ", first_line(error.what()));
  }
}

}  // namespace

std::shared_ptr<arrow::Table> read_parquet(const InputFile& file, const ReadRequest& request) {
  return with_reader(file, request, false,
                     [&](parquet::arrow::FileReader& reader) { return read_row_groups(reader, file, request); });
}

std::shared_ptr<arrow::Table> parquet_schema(const InputFile& file, const ReadRequest& request, int64_t& rows) {
  return with_reader(file, request, false, [&](parquet::arrow::FileReader& reader) {
    leaves(reader, request.columns, file);
    rows = reader.parquet_reader()->metadata()->num_rows();
    return no_rows(reader, request);
  });
}

ParquetGroups parquet_groups(const InputFile& file, const ReadRequest& request) {
  return with_reader(file, request, false, [&](parquet::arrow::FileReader& reader) {
    ParquetGroups groups{reader.parquet_reader()->metadata(), limited_pool(file, request.ratio_limit), {}};
    for (int i = 0; i < reader.num_row_groups(); ++i) groups.rows.push_back(groups.footer->RowGroup(i)->num_rows());
    return groups;
  });
}

std::shared_ptr<arrow::Table> read_parquet_group(const InputFile& file, const ReadRequest& request, const ParquetGroups& groups, int group) {
  const auto read = [&](parquet::arrow::FileReader& reader) { return read_row_group(reader, file, group, leaves(reader, request.columns, file)); };
  return with_reader(file, request, false, read, groups);
}

void read_parquet_batches(const InputFile& file, const ReadRequest& request,
                          const std::function<void(const std::shared_ptr<arrow::Table>&)>& take) {
  with_reader(file, request, true, [&](parquet::arrow::FileReader& reader) {
    std::vector<int> groups(static_cast<size_t>(reader.num_row_groups()));
    std::iota(groups.begin(), groups.end(), 0);
    const auto batches = check(reader.GetRecordBatchReader(groups, leaves(reader, request.columns, file)));
    for (std::shared_ptr<arrow::RecordBatch> batch; check(batches->ReadNext(&batch)), batch != nullptr;) {
      check_interrupt();
      validate(*batch, file);
      take(check(arrow::Table::FromRecordBatches({batch})));
    }
  });
}

}  // namespace crisp
