/// What a TreeModel answers, as TorchScript.
#pragma once

#include <string>

#include "core/torch_script.h"
#include "models/trees/tree_model.h"

namespace crisp {

/// See Model::script. All rows go down all trees at once, level by level; memory is bounded by taking the rows in parts. Columns and
/// thresholds are compared as the 32-bit numbers that they are, leaves are added up in double, or rounded by tree where the model says so.
std::string script_trees(TorchScript& script, const TreeParts& parts, const std::string& rows);

}  // namespace crisp
