/// A small tree as sentences: one a leaf.
#pragma once

#include <string>
#include <vector>

#include "models/trees/tree_model.h"
#include "train/explainable.h"

namespace crisp {

/// Of every leaf of a tree, from left to right, what leads there and what it adds:
/// "age <= 37.5 and income in {a, b} → 0.23 (1,204 rows)". Conditions on one column become one: "20 < age <= 37.5". `columns`: one a
/// column of the rows. The rows are the leaf's cover; where that is no whole number it is called a weight. Grows with leaves times
/// depth: meant for trees that someone reads.
std::vector<std::string> tree_rules(const TreeParts& parts, int64_t tree, const std::vector<RuleColumn>& columns);

}  // namespace crisp
