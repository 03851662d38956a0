#include <arrow/json/api.h>

#include <algorithm>

#include "cuda/error.h"
#include "read/arrow_stream.h"
#include "read/arrow_columnar.h"
#include "read/read_columns.h"
#include "table/arrow_bridge.h"

namespace crisp {

std::shared_ptr<arrow::Table> read_json_lines(const InputFile& file, const ReadRequest& request) {
  auto options = arrow::json::ReadOptions::Defaults();
  options.block_size = 16 << 20;  // also the longest line
  auto source = as_stream(open_source(file, request.ratio_limit));
  auto reader = check(arrow::json::TableReader::Make(arrow::default_memory_pool(), std::move(source), options,
                                                     arrow::json::ParseOptions::Defaults()),
                      file.name());
  auto table = check(reader->Read(), file.name());
  check(table->ValidateFull(), file.name());
  require_columns(request.columns, table->ColumnNames(), file.name());
  if (request.columns.empty()) return table;
  std::vector<int> indices;
  for (const std::string& name : request.columns) indices.push_back(table->schema()->GetFieldIndex(name));
  return check(table->SelectColumns(indices), file.name());
}

}  // namespace crisp
