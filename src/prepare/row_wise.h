/// Whether an expression stays within its row.
#pragma once

#include "prepare/expression.h"

namespace crisp {

/// Whether the expression's value depends on other rows: it calls a function of windows, or one with a key to group by.
bool looks_at_other_rows(const Expression& expression);

}  // namespace crisp
