/// Rows to try a module on where nobody gives any: drawn from what a model remembers of its training rows.
#pragma once

#include "export/script_module.h"

namespace crisp {

enum class Oddity { none, missing_cells, unseen_texts };

/// `rows` rows of module.table's columns. Numbers lie between the quantiles of the reference; texts are those
/// that the recipe knows. The same model gives the same rows.
Table invented_rows(const Exported& source, const ScriptModule& module, int64_t rows, Oddity oddity);

}  // namespace crisp
