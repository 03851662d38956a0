#include <arrow/json/api.h>

#include <algorithm>

#include "cuda/error.h"
#include "read/arrow_stream.h"
#include "read/arrow_columnar.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

/// Ends after `limit` bytes. (Arrow reads to the end whatever its memory pool says.) A row of JSON takes less
/// memory as columns than as text.
class PipeSource : public ByteSource {
 public:
  PipeSource(std::unique_ptr<ByteSource> source, int64_t limit, bool& too_long)
      : source_(std::move(source)), left_(limit), too_long_(too_long) {}
  int64_t read(char* out, int64_t size) override {
    const int64_t got = source_->read(out, size);
    left_ -= got;
    too_long_ = left_ < 0;
    return too_long_ ? 0 : got;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  int64_t left_;
  bool& too_long_;
};

}  // namespace

std::shared_ptr<arrow::Table> read_json_lines(const InputFile& file, const ReadRequest& request) {
  auto options = arrow::json::ReadOptions::Defaults();
  options.block_size = 16 << 20;  // also the longest line
  bool too_long = false;
  std::unique_ptr<ByteSource> bytes = open_source(file, request.ratio_limit);
  if (file.is_pipe()) bytes = std::make_unique<PipeSource>(std::move(bytes), file.limit(), too_long);
  file.forget();  // Arrow lifts types in memory
  auto reader = check(arrow::json::TableReader::Make(arrow::default_memory_pool(), as_stream(std::move(bytes)), options,
                                                     arrow::json::ParseOptions::Defaults()),
                      file.name());
  auto read = reader->Read();
  if (too_long) fail_pipe_limit(file.name(), file.limit());
  auto table = check(std::move(read), file.name());
  check(table->ValidateFull(), file.name());
  require_columns(request.columns, table->ColumnNames(), file.name());
  if (request.columns.empty()) return table;
  std::vector<int> indices;
  for (const std::string& name : request.columns) indices.push_back(table->schema()->GetFieldIndex(name));
  return check(table->SelectColumns(indices), file.name());
}

}  // namespace crisp
