/// Whether rows can be prepared as they come.
#pragma once

#include "prepare/expression.h"
#include "prepare/recipe.h"

namespace crisp {

/// Whether the expression's value depends on other rows: it calls a function of windows, or one with a key to group by.
bool looks_at_other_rows(const Expression& expression);

/// True where what becomes of a row depends on that row alone, so that a table may be prepared in pieces: no step that
/// orders, groups or compares rows, and no expression that looks at other rows.
bool is_row_wise(const FittedRecipe& recipe);

}  // namespace crisp
