/// Attribution of one row's score in one tree, in double. The probability p that a cut separates x from a box is a sum
/// over dimensions and directions, so the score's step p * unseen + (1 - p) * s is taken for each of them apart. A row
/// that equals a leaf is explained by the other points alone: its boxes leave the leaf out. The parts are at last scaled
/// so that they add up to the score.
#pragma once

#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::rcf {

/// Room for one row: 2 * columns parts (high, low by turns), and the box that leaves the leaf out.
struct AttributionScratch {
  double* part;
  float* low;
  float* high;
};

CRISP_HD inline double high_gap(float x, float high) { return x > high ? range_of(high, x) : 0.0; }
CRISP_HD inline double low_gap(float x, float low) { return x < low ? range_of(x, low) : 0.0; }

/// One step: part <- part * keep + gap * weight, for the box [low, high].
CRISP_HD inline void add_gaps(double* part, const float* x, const float* low, const float* high, int64_t columns,
                              double weight, double keep) {
  for (int64_t c = 0; c < columns; ++c) {
    part[2 * c] = part[2 * c] * keep + high_gap(x[c], high[c]) * weight;
    part[2 * c + 1] = part[2 * c + 1] * keep + low_gap(x[c], low[c]) * weight;
  }
}

/// Climbs past the box; false where x is inside.
CRISP_HD inline bool attribute_box(double* part, const float* x, const float* low, const float* high, int64_t columns,
                                   double unseen) {
  double gaps = 0, range = 0;
  for (int64_t c = 0; c < columns; ++c) {
    gaps += high_gap(x[c], high[c]) + low_gap(x[c], low[c]);
    range += range_of(low[c], high[c]);
  }
  if (!(gaps > 0)) return false;
  const double together = range + gaps;
  add_gaps(part, x, low, high, columns, unseen / together, 1.0 - gaps / together);
  return true;
}

/// The sides of a node's box; a leaf's are its point.
CRISP_HD inline const float* low_side(const TreeView& tree, int32_t node) {
  return (tree.cut_dimension[node] < 0 ? tree.points : tree.low) + tree.ordinal[node] * tree.stride;
}
CRISP_HD inline const float* high_side(const TreeView& tree, int32_t node) {
  return (tree.cut_dimension[node] < 0 ? tree.points : tree.high) + tree.ordinal[node] * tree.stride;
}

CRISP_HD inline int32_t sibling(const TreeView& tree, int32_t node) {
  const int32_t parent = tree.parent[node];
  return node == parent + 1 ? tree.right[parent] : parent + 1;
}

CRISP_HD inline void attribute_unseen(const TreeView& tree, const float* x, int32_t leaf, double* part) {
  const float* point = tree.points + tree.ordinal[leaf] * tree.stride;
  attribute_box(part, x, point, point, tree.columns, tree.unseen[leaf]);
  for (int32_t node = tree.parent[leaf]; node >= 0; node = tree.parent[node]) {
    if (!attribute_box(part, x, low_side(tree, node), high_side(tree, node), tree.columns, tree.unseen[node])) break;
  }
}

CRISP_HD inline void attribute_seen(const TreeView& tree, const float* x, int32_t leaf, const AttributionScratch& scratch) {
  const double even = tree.seen[tree.ordinal[leaf]] / (2.0 * static_cast<double>(tree.columns));
  for (int64_t i = 0; i < 2 * tree.columns; ++i) scratch.part[i] = even;
  for (int32_t node = leaf; tree.parent[node] >= 0; node = tree.parent[node]) {
    const float* low = low_side(tree, sibling(tree, node));
    const float* high = high_side(tree, sibling(tree, node));
    if (node == leaf) {
      for (int64_t c = 0; c < tree.columns; ++c) {
        scratch.low[c] = low[c];
        scratch.high[c] = high[c];
      }
    } else {
      extend_box(scratch.low, scratch.high, low, tree.columns);
      extend_box(scratch.low, scratch.high, high, tree.columns);
    }
    const double unseen = tree.unseen[tree.parent[node]];
    if (!attribute_box(scratch.part, x, scratch.low, scratch.high, tree.columns, unseen)) break;
  }
}

/// Adds the parts of x's normalised score in this tree to out[2 * columns]. Where nothing tells (a tree of one point
/// that equals x), every part gets the same.
CRISP_HD inline void attribute_row(const TreeView& tree, const float* x, const AttributionScratch& scratch, double* out) {
  for (int64_t i = 0; i < 2 * tree.columns; ++i) scratch.part[i] = 0.0;
  const int32_t leaf = leaf_of(tree, x);
  if (equals_leaf(tree, x, leaf)) {
    attribute_seen(tree, x, leaf, scratch);
  } else {
    attribute_unseen(tree, x, leaf, scratch.part);
  }
  double sum = 0;
  for (int64_t i = 0; i < 2 * tree.columns; ++i) sum += scratch.part[i];
  const double scale = score_row(tree, x) * tree.normaliser / sum;
  for (int64_t i = 0; i < 2 * tree.columns; ++i) out[i] += scratch.part[i] * scale;
}

}  // namespace crisp::rcf
