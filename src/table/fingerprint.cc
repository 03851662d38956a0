#include "table/fingerprint.h"

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "core/sha256.h"

namespace crisp {
namespace {

template <class T>
std::span<const uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)};
}

void add_text(Sha256& hash, const std::string& text) {
  // The length in front keeps ("ab", "c") and ("a", "bc") apart.
  const uint64_t size = text.size();
  hash.update({reinterpret_cast<const uint8_t*>(&size), sizeof size});
  hash.update({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::string table_fingerprint(const Table& table) {
  Sha256 hash;
  for (const ColumnInfo& column : table.schema()) {
    add_text(hash, column.name);
    add_text(hash, column_type_name(column.type));
    hash.update(bytes_of(table.missing(column.name)));
    if (column.type == ColumnType::text || column.type == ColumnType::integer) {
      // Integers beyond 2^53 are not doubles: their digits are exact.
      for (const std::string& text : table.texts(column.name)) add_text(hash, text);
      continue;
    }
    std::vector<double> values = table.numbers(column.name);
    for (double& value : values) {
      if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();  // one bit pattern for missing
    }
    hash.update(bytes_of(values));
  }
  return hash.finish();
}

}  // namespace crisp
