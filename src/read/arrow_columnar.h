/// Files that carry their own types. Includes Arrow: only for .cc files of src/read.
#pragma once

#include <arrow/api.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "read/byte_source.h"
#include "read/read.h"

namespace parquet {
class FileMetaData;
}

namespace crisp {

/// A Parquet file whose footer has been read and checked: its row groups can be read one by one, often.
struct ParquetGroups {
  std::shared_ptr<parquet::FileMetaData> footer;
  arrow::MemoryPool* pool = nullptr;
  std::vector<int64_t> rows;  ///< of each group
};
ParquetGroups parquet_groups(const InputFile& file, const ReadRequest& request);
std::shared_ptr<arrow::Table> read_parquet_group(const InputFile& file, const ReadRequest& request, const ParquetGroups& groups, int group);

/// The table under our names and types; notes on names go to `notes`.
Table normalised(std::shared_ptr<arrow::Table> raw, const std::string& file, std::vector<std::string>& notes);
/// Whether the types that normalised() gives depend on nothing but the type: then all parts of a file get the same.
bool plain_types(const arrow::Schema& schema);
bool same_columns(const std::vector<ColumnInfo>& a, const std::vector<ColumnInfo>& b);

/// Each reads one file with the columns of the request (any order), in its own types. What is wrong with the
/// contents is Code::data naming the file.
std::shared_ptr<arrow::Table> read_parquet(const InputFile& file, const ReadRequest& request);
/// No rows, with the columns that read_parquet() gives; `rows` is what the footer says.
std::shared_ptr<arrow::Table> parquet_schema(const InputFile& file, const ReadRequest& request, int64_t& rows);
/// read_parquet() in pieces of at most kBatchRows; pages are decoded as they are needed.
void read_parquet_batches(const InputFile& file, const ReadRequest& request,
                          const std::function<void(const std::shared_ptr<arrow::Table>&)>& take);
std::shared_ptr<arrow::Table> read_arrow_ipc(const InputFile& file, const ReadRequest& request);
std::shared_ptr<arrow::Table> read_json_lines(const InputFile& file, const ReadRequest& request);

}  // namespace crisp
