#include <arrow/ipc/reader.h>

#include <algorithm>

#include "core/interrupt.h"
#include "cuda/error.h"
#include "read/arrow_stream.h"
#include "read/arrow_columnar.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {

std::shared_ptr<arrow::Table> read_arrow_ipc(const InputFile& file, const ReadRequest& request) {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = limited_pool(file, request.ratio_limit);
  try {
    auto reader = check(arrow::ipc::RecordBatchFileReader::Open(as_random_access(file), options));
    const auto schema = reader->schema();
    require_columns(request.columns, schema->field_names(), file.name());
    for (int i = 0; i < schema->num_fields() && !request.columns.empty(); ++i) {
      const auto& wanted = request.columns;
      if (std::find(wanted.begin(), wanted.end(), schema->field(i)->name()) != wanted.end()) {
        options.included_fields.push_back(i);
      }
    }
    if (!request.columns.empty()) {
      reader = check(arrow::ipc::RecordBatchFileReader::Open(as_random_access(file), options));
    }
    arrow::RecordBatchVector batches;
    for (int i = 0; i < reader->num_record_batches(); ++i) {
      check_interrupt();
      batches.push_back(check(reader->ReadRecordBatch(i)));
      validate(*batches.back(), file);
    }
    return check(arrow::Table::FromRecordBatches(reader->schema(), batches));
  } catch (Error& error) {
    if (error.code() == Code::no_memory) {
      fail(Code::data, file.name(), ": grows more than ", request.ratio_limit, "-fold when decompressed");
    }
    if (!std::string_view(error.what()).starts_with(file.name())) error.add_context(file.name());
    throw;
  }
}

}  // namespace crisp
