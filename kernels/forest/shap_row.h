/// Exact Shapley values of one tree, once for every engine: for one row, or for rows in the lanes of registers.
///
/// A leaf's value reaches the features of its path by a game: feature j is there with one fraction o_j (1 where the row meets all that the
/// path asks of j, else 0) or absent with zero fraction z_j (the share of the training rows that met it). Its Shapley value of feature i
///
///   value (o_i - z_i) sum over S of |S|! (m - 1 - |S|)! / m!  prod_{j in S} o_j  prod_{j not in S} z_j        (S without i, m features)
///
/// is  value (o_i - z_i) integral_0^1 prod_{j != i} (z_j (1 - t) + o_j t) dt,  because the weights are Beta integrals. The integrand is a
/// polynomial of degree m - 1, so Gauss and Legendre's rule with m / 2 points gives it exactly. At one point a path is a product of factors
/// z (1 - t) + o t, one a feature; the products of all leaves below an edge add up on the way back, and dividing by the edge's own factor
/// takes its feature out again. Every quotient depends on the tree and on o alone, which has two values: all are in tables, and a row costs
/// edges x points multiplications (as in Yu, Bifet et al., "Linear TreeSHAP", NeurIPS 2022, with quadrature for their interpolation).
///
/// A feature that comes again below has its new factor instead of its old one; what its old edge counted is taken back for the new one.
#pragma once

#include "kernels/forest/traverse_row.h"

namespace crisp::forest {

enum class ShapKind : int32_t { open, leaf, close };

/// A tree is a list of steps, depth first: an edge to an inner node opens and closes, an edge to a leaf is one step.
struct ShapStep {
  Node node;          ///< above the edge: what is asked
  ShapKind kind;
  int32_t depth;      ///< of the edge's lower end, 1 or more
  int32_t ancestor;   ///< depth of the last edge of the same feature above, 0: there is none
  int32_t right;      ///< whether this is the right edge
  int64_t table;      ///< begin of its four tables of `points` numbers
  int64_t value;      ///< number of the leaf's first value
  double share;       ///< of the training rows at the node above that came along
};

/// The tables of an edge, `points` numbers each. Without an ancestor: factors for o = 0 and 1, what a unit of the subtree's sum moves the
/// feature by for o = 0 and 1. With one: the quotients of factors for (o above, o) = (1, 0) and (1, 1), and the same two of moves; for (0, 0)
/// the quotient is `share` and nothing moves.
struct ShapTables {
  const double* factor[2];
  const double* move[2];
};

CRISP_HD inline ShapTables tables_of(const double* tables, const ShapStep& step, int32_t points) {
  const double* table = tables + step.table;
  return {{table, table + points}, {table + 2 * points, table + 3 * points}};
}

/// One edge; `kAgain`: an edge above asks the same feature.
template <bool kAgain, class Lanes>
CRISP_HD inline void shap_edge(Lanes& lanes, const ShapStep& step, const ShapTables& table, double value, int32_t points) {
  using Number = typename Lanes::Number;
  using Mask = typename Lanes::Mask;
  const int32_t depth = step.depth;
  if (step.kind != ShapKind::close) {
    if (step.right == 0) lanes.goes_right(depth) = lanes.right(step.node);
    const Mask asked = step.right != 0 ? lanes.goes_right(depth) : lanes.left_of(lanes.goes_right(depth));
    lanes.met(depth) = kAgain ? lanes.both(lanes.met(step.ancestor), asked) : asked;
  }
  const Mask met = lanes.met(depth), above = lanes.met(kAgain ? step.ancestor : depth);
  const auto factor = [&](int32_t q) {
    if (!kAgain) return lanes.select(met, lanes.all(table.factor[1][q]), lanes.all(table.factor[0][q]));
    return lanes.select(met, lanes.all(table.factor[1][q]), lanes.select(above, lanes.all(table.factor[0][q]), lanes.all(step.share)));
  };
  const auto move = [&](int32_t q) {
    const Number moves = lanes.select(met, lanes.all(table.move[1][q]), lanes.all(table.move[0][q]));
    return kAgain ? lanes.select(above, moves, lanes.all(0.0)) : moves;
  };
  if (step.kind == ShapKind::open) {
    for (int32_t q = 0; q < points; ++q) {
      lanes.product(depth, q) = lanes.product(depth - 1, q) * factor(q);
      lanes.sum(depth, q) = lanes.all(0.0);
    }
    return;
  }
  Number moved = lanes.all(0.0);
  for (int32_t q = 0; q < points; ++q) {
    const Number below = step.kind == ShapKind::leaf ? lanes.product(depth - 1, q) * factor(q) * lanes.all(value) : lanes.sum(depth, q);
    lanes.sum(depth - 1, q) = lanes.sum(depth - 1, q) + below;
    moved = moved + below * move(q);
  }
  lanes.add(static_cast<int64_t>(step.node.split & kFeature), moved);
}

/// Walks one tree. `Lanes` has the types Number and Mask and
///   right(node)                        which lanes go right
///   both(mask, mask), left_of(mask)    and, not
///   select(mask, one, zero)            lane by lane
///   all(double)                        the same in every lane
///   product(depth, point), sum(depth, point)   numbers that stay: products of factors on the way down, sums of leaves on the way back
///   met(depth), goes_right(depth)      masks that stay: o of the edge that ends there, what the node above it answered
///   add(feature, number)               to the row's contributions
template <class Lanes>
CRISP_HD inline void shap_tree(Lanes& lanes, const ShapStep* step, const ShapStep* last, const double* tables, const double* values,
                               int32_t points) {
  for (int32_t q = 0; q < points; ++q) {
    lanes.product(0, q) = lanes.all(1.0);
    lanes.sum(0, q) = lanes.all(0.0);
  }
  for (; step < last; ++step) {
    const ShapTables table = tables_of(tables, *step, points);
    const double value = step->kind == ShapKind::leaf ? values[step->value] : 0.0;
    if (step->ancestor > 0) {
      shap_edge<true>(lanes, *step, table, value, points);
    } else {
      shap_edge<false>(lanes, *step, table, value, points);
    }
  }
}

}  // namespace crisp::forest
