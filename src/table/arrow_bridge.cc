#include "table/arrow_bridge.h"

#include <arrow/util/io_util.h>

#include <cerrno>

#include "cuda/error.h"

namespace crisp {
namespace {

Code code_of(const arrow::Status& status) {
  if (status.IsOutOfMemory()) return Code::no_memory;
  if (status.IsCancelled()) return Code::interrupted;
  if (status.IsIOError()) {
    const int error = arrow::internal::ErrnoFromStatus(status);
    if (error == ENOENT || error == ENOTDIR) return Code::no_input;
    if (error == EACCES || error == EPERM) return Code::permission;
    // Arrow calls a corrupt file an I/O error too; only what the system reported is one.
    return error != 0 ? Code::io : Code::data;
  }
  if (status.IsInvalid() || status.IsTypeError() || status.IsKeyError() || status.IsIndexError() ||
      status.IsCapacityError() || status.IsSerializationError() || status.IsNotImplemented()) {
    return Code::data;
  }
  return Code::bug;
}

}  // namespace

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void check(const arrow::Status& status, const std::string& where) {
  if (status.ok()) [[likely]]
    return;
  Error error(code_of(status), first_line(status.message()));
  if (!where.empty()) error.add_context(where);
  throw error;
}

const std::shared_ptr<arrow::DataType>& arrow_type(ColumnType type) {
  static const std::shared_ptr<arrow::DataType> types[] = {arrow::boolean(), arrow::int64(), arrow::float64(),
                                                           arrow::utf8(),
                                                           arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")};
  return types[static_cast<int>(type)];
}

ColumnType column_type(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return ColumnType::boolean;
    case arrow::Type::INT64:
      return ColumnType::integer;
    case arrow::Type::DOUBLE:
      return ColumnType::real;
    case arrow::Type::STRING:
      return ColumnType::text;
    case arrow::Type::TIMESTAMP:
      if (type.Equals(*arrow_type(ColumnType::timestamp))) return ColumnType::timestamp;
      [[fallthrough]];
    default:
      fail(Code::bug, "a table cannot hold Arrow's type ", type.ToString(), " as it is");
  }
}

}  // namespace crisp
