#include <array>

#include "cuda/error.h"
#include "table/table.h"

namespace crisp {
namespace {

constexpr std::array<const char*, 5> kNames = {"boolean", "integer", "real", "text", "timestamp"};

}  // namespace

const char* column_type_name(ColumnType type) { return kNames[static_cast<size_t>(type)]; }

ColumnType parse_column_type(const std::string& name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<ColumnType>(i);
  }
  throw Error(Code::config, concat("'", name, "' is not a column type"),
              "the types are boolean, integer, real, text and timestamp");
}

}  // namespace crisp
