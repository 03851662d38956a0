/// Files that carry their own types. Includes Arrow: only for .cc files of src/read.
#pragma once

#include <arrow/api.h>

#include <memory>

#include "read/byte_source.h"
#include "read/read.h"

namespace crisp {

/// Each reads one file with the columns of the request (any order), in its own types. What is wrong with the
/// contents is Code::data naming the file.
std::shared_ptr<arrow::Table> read_parquet(const InputFile& file, const ReadRequest& request);
std::shared_ptr<arrow::Table> read_arrow_ipc(const InputFile& file, const ReadRequest& request);
std::shared_ptr<arrow::Table> read_json_lines(const InputFile& file, const ReadRequest& request);

}  // namespace crisp
