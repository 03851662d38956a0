/// Trees as the arrays and the JSON of a bundle.
#pragma once

#include "models/trees/tree_model.h"

namespace crisp {

void save_trees(const TreeParts& parts, Tensors& weights, Json& about);
/// Inverse of save_trees, checked; see load_tree_model.
TreeParts load_trees(const Tensors& weights, const Json& about);

}  // namespace crisp
