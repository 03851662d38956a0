/// Trees as lists of steps with their tables: see shap_row.h.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/forest/shap_row.h"
#include "kernels/forest/trees.h"

namespace crisp::forest {

struct ShapTree {
  int64_t first_step, last_step;
  int32_t points;  ///< of its quadrature
};

/// Trees [first, last) of a forest. Tables are large (a tree of 255 leaves: about 100 KB), so forests come in parts.
struct ShapPlan {
  std::vector<ShapStep> step;
  std::vector<ShapTree> tree;
  std::vector<double> table;
  int32_t most_depth = 0, most_points = 0;
};

/// From tree `first` on as many as `most_numbers` numbers in tables have room for, at least one.
ShapPlan make_shap_plan(const TreesView& trees, int64_t first, int64_t most_numbers);

/// Per output: the sum over trees of the mean of its leaves, weighted by the shares of the training rows that came there.
std::vector<double> expected_sums(const TreesView& trees);

/// Gauss and Legendre's rule on [0, 1]: exact for polynomials up to degree 2 * points - 1. Plain arithmetic, the same bits everywhere.
struct Quadrature {
  std::vector<double> at, weight;
};
Quadrature gauss_legendre(int32_t points);

}  // namespace crisp::forest
