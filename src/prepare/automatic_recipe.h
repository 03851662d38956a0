/// The recipe for tables that come without one: which columns a model reads, and how they become numbers.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "prepare/recipe.h"

namespace crisp {

/// What rows must look like before a model reads them.
struct PreparationNeeds {
  bool codes = false;    ///< a category may stay one column of codes; else it becomes columns of 0 and 1
  bool scaled = true;    ///< columns of one scale
  bool missing = false;  ///< missing values may stay
};

struct ColumnUse {
  std::string target;                 ///< "": none
  bool classes = false;               ///< the target is one of classes, not a number
  std::vector<std::string> excluded;  ///< not to be read: group, weight, split, time, ...
};

struct DroppedColumn {
  std::string name, reason;  ///< "an id: 1,000 different texts in 1,000 rows"
};

struct AutomaticRecipe {
  Json steps = Json::array();             ///< for Recipe::parse; may follow the steps of another recipe
  std::vector<std::string> features;      ///< patterns of the columns to read of the *prepared* table, for choose_features
  std::vector<DroppedColumn> dropped;     ///< in the table's order
  std::vector<std::string> notes;         ///< what was decided for the others, one line each: "age: median where missing, ..."
};

/// Looks at training rows only; the same rows give the same recipe. Every step leaves rows as and where they are, and
/// the saved recipe asks of new rows only for the columns that are read (neither the target nor what was dropped).
/// Code::data where no column is left to learn from. The rules, with their limits, are in docs/recipes.md.
AutomaticRecipe automatic_recipe(Exec& exec, const Table& train, const PreparationNeeds& needs, const ColumnUse& use);

}  // namespace crisp
