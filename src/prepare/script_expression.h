/// Expressions as TorchScript.
#pragma once

#include "prepare/expression.h"
#include "prepare/script_columns.h"

namespace crisp {

/// The expression's value. It has been found right on a table of these columns before. Code::unavailable,
/// pointing into the text, for what TorchScript cannot do: texts other than compared with constants,
/// functions of texts, windows.
ScriptValue script_expression(ScriptColumns& columns, const Expression& expression);

}  // namespace crisp
