/// How much each column of a row moves its sum: exact Shapley values of trees.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/trees.h"

namespace crisp {

/// Path-dependent TreeSHAP (Lundberg et al., "From local explanations to global understanding with explainable AI for trees", Nature
/// Machine Intelligence 2020), in double. out: n x (outputs * (columns + 1)): for each output one value a column, then the expected
/// value; a row's values of an output add up to its Forest::sum. The weights of branches are the nodes' `cover`.
void tree_shap(Exec& exec, const TreesView& trees, MatrixView<const float> rows, MatrixView<double> out);

}  // namespace crisp
