/// The forest's scores as TorchScript.
#pragma once

#include <string>

#include "core/torch_script.h"
#include "kernels/anomaly/random_cut_forest.h"

namespace crisp {

/// See Model::script. All rows go through all trees at once, level by level, and climb until they lie inside
/// a box; memory is bounded by taking the rows in parts. In the floats and the order of
/// random_cut_forest_row.h: scores agree but for the last sum over trees.
std::string script_forest(TorchScript& script, const RandomCutForest& forest, const std::string& rows);

}  // namespace crisp
