#include "read/arrow_columnar.h"

#include <algorithm>

#include "read/csv_dialect.h"
#include "table/arrow_bridge.h"

namespace crisp {

Table normalised(std::shared_ptr<arrow::Table> raw, const std::string& file, std::vector<std::string>& notes) {
  std::vector<std::string> names = raw->ColumnNames();
  make_unique(names, file, notes);
  return Table(normalise_types(check(raw->RenameColumns(names)), &notes));
}

bool plain_types(const arrow::Schema& schema) {
  return std::none_of(schema.fields().begin(), schema.fields().end(),
                      [](const auto& field) { return field->type()->id() == arrow::Type::UINT64; });
}

bool same_columns(const std::vector<ColumnInfo>& a, const std::vector<ColumnInfo>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ColumnInfo& x, const ColumnInfo& y) { return x.name == y.name && x.type == y.type; });
}

}  // namespace crisp
