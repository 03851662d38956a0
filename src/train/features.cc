#include "train/features.h"

#include <algorithm>
#include <cmath>

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

/// A model that needs finite values must not meet a missing one: the message says which column, and what to do.
void require_values(const Matrix& matrix, const std::vector<std::string>& features, bool missing_allowed) {
  for (int64_t column = 0; column < matrix.columns(); ++column) {
    int64_t missing = 0, too_large = 0;
    for (int64_t row = 0; row < matrix.rows(); ++row) {
      missing += !std::isfinite(matrix.view().at(row, column));
      too_large += std::isinf(matrix.view().at(row, column));
    }
    if (missing == 0 || (missing_allowed && too_large == 0)) continue;
    if (too_large > 0) {
      throw Error(Code::data, concat("column '", features[static_cast<size_t>(column)], "': ", too_large, " of ",
                                     matrix.rows(), " rows are infinite, or too large for 32-bit numbers"),
                  "add a step scale to the recipe, or filter those rows");
    }
    throw Error(Code::data,
                concat("column '", features[static_cast<size_t>(column)], "': ", missing, " of ", matrix.rows(),
                       " rows have no finite value"),
                missing == matrix.rows() ? "the column is all blank: leave it out of the features"
                                         : "add a step drop_missing or impute to the recipe");
  }
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

Matrix model_features(const Table& prepared, const std::vector<std::string>& features, bool missing) {
  Matrix matrix = to_matrix(prepared, features);
  require_values(matrix, features, missing);
  return matrix;
}

Matrix feature_matrix(Exec& exec, const FittedRecipe& recipe, const Table& rows, const std::vector<std::string>& features,
                      StepLog& log) {
  return model_features(recipe.apply(exec, rows, log), features, false);
}

}  // namespace crisp
