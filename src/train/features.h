/// Which columns of a prepared table a model reads.
#pragma once

#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "table/matrix.h"

namespace crisp {

/// Columns that match one of the patterns (`*` stands for any characters), in the order of the patterns; Code::data for a
/// pattern that matches nothing, naming the nearest column. Without patterns: every number and boolean column. Those in
/// `excluded` are left out.
std::vector<std::string> choose_features(const Table& table, const std::vector<std::string>& patterns,
                                         const std::vector<std::string>& excluded);

/// The features of rows that have gone through the recipe's stateless steps: its tail, then the columns `features`, all
/// finite. Code::data naming the column and what to do where a value is missing, infinite or too large for float32.
Matrix feature_matrix(Exec& exec, const FittedRecipe& recipe, const Table& rows, const std::vector<std::string>& features,
                      StepLog& log);

/// The same of rows that have gone through the whole recipe. `missing`: a value may be missing (NaN), but not infinite.
Matrix model_features(const Table& prepared, const std::vector<std::string>& features, bool missing);

}  // namespace crisp
