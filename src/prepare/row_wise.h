/// Whether rows can be prepared as they come.
#pragma once

#include "prepare/recipe.h"

namespace crisp {

/// True where what becomes of a row depends on that row alone, so that a table may be prepared in pieces: no step that
/// orders, groups or compares rows, and no expression that looks at other rows.
bool is_row_wise(const FittedRecipe& recipe);

}  // namespace crisp
