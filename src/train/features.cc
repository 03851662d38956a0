#include "train/features.h"

#include <algorithm>

#include "cuda/error.h"
#include "prepare/column_pattern.h"

namespace crisp {
namespace {

std::vector<std::string> numeric_columns(const Table& table) {
  std::vector<std::string> names;
  for (const ColumnInfo& column : table.schema()) {
    if (column.type != ColumnType::text && column.type != ColumnType::timestamp) names.push_back(column.name);
  }
  return names;
}

}  // namespace

std::vector<std::string> choose_features(const Table& table, const std::vector<std::string>& patterns,
                                         const std::vector<std::string>& excluded) {
  std::vector<std::string> features = patterns.empty() ? numeric_columns(table) : columns_like(table, patterns);
  std::erase_if(features, [&](const std::string& name) {
    return std::find(excluded.begin(), excluded.end(), name) != excluded.end();
  });
  std::vector<std::string> once;
  for (std::string& name : features) {
    if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(std::move(name));
  }
  features = std::move(once);
  if (features.empty()) {
    throw Error(Code::data, "no column of numbers to learn from",
                "text columns are not read by this model; name features, or derive numbers in a recipe");
  }
  return features;
}

}  // namespace crisp
