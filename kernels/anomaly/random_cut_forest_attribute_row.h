/// Attribution of one row's score in one tree, in double. The probability p that a cut separates x from a box
/// is a sum over dimensions and directions, so the score's step p * unseen + (1 - p) * s is taken for each of
/// them apart. A row that equals a leaf is explained by the other points alone: its boxes leave the leaf out.
/// The parts are at last scaled so that they add up to the score.
#pragma once

#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::rcf {

/// Room for one row: 2 * columns parts (high, low by turns), and a box of 2 * columns that leaves the leaf
/// out.
struct AttributionScratch {
  double* part;
  float* box;
};

CRISP_HD inline double high_gap(float x, float high) { return x > high ? range_of(high, x) : 0.0; }
CRISP_HD inline double low_gap(float x, float low) { return x < low ? range_of(x, low) : 0.0; }

/// Climbs past the box: part <- part * (1 - p) + its own p * unseen. False where x is inside.
CRISP_HD inline bool attribute_box(double* part, const float* x, const float* box, int64_t columns,
                                   double unseen) {
  double gaps = 0, range = 0;
  for (int64_t c = 0; c < columns; ++c) {
    gaps += high_gap(x[c], box[2 * c + 1]) + low_gap(x[c], box[2 * c]);
    range += range_of(box[2 * c], box[2 * c + 1]);
  }
  if (!(gaps > 0)) return false;
  const double together = range + gaps, weight = unseen / together, keep = 1.0 - gaps / together;
  for (int64_t c = 0; c < columns; ++c) {
    part[2 * c] = part[2 * c] * keep + high_gap(x[c], box[2 * c + 1]) * weight;
    part[2 * c + 1] = part[2 * c + 1] * keep + low_gap(x[c], box[2 * c]) * weight;
  }
  return true;
}

CRISP_HD inline const float* box_of(const TreeView& tree, int32_t node) {
  return tree.boxes + tree.ordinal[node] * 2 * tree.stride;
}
CRISP_HD inline const float* point_of(const TreeView& tree, int32_t leaf) {
  return tree.points + tree.ordinal[leaf] * tree.stride;
}

/// The box as it is, of a node, leaf or not.
CRISP_HD inline void copy_box(const TreeView& tree, int32_t node, float* box) {
  const bool leaf = tree.cut_dimension[node] < 0;
  for (int64_t c = 0; c < tree.columns; ++c) {
    box[2 * c] = leaf ? point_of(tree, node)[c] : box_of(tree, node)[2 * c];
    box[2 * c + 1] = leaf ? point_of(tree, node)[c] : box_of(tree, node)[2 * c + 1];
  }
}

CRISP_HD inline void unite_box(const TreeView& tree, int32_t node, float* box) {
  const bool leaf = tree.cut_dimension[node] < 0;
  for (int64_t c = 0; c < tree.columns; ++c) {
    box[2 * c] = min_of(box[2 * c], leaf ? point_of(tree, node)[c] : box_of(tree, node)[2 * c]);
    box[2 * c + 1] = max_of(box[2 * c + 1], leaf ? point_of(tree, node)[c] : box_of(tree, node)[2 * c + 1]);
  }
}

CRISP_HD inline int32_t sibling(const TreeView& tree, int32_t node) {
  const int32_t parent = tree.parent[node];
  return node == parent + 1 ? tree.right[parent] : parent + 1;
}

CRISP_HD inline void attribute_unseen(const TreeView& tree, const float* x, int32_t leaf,
                                      const AttributionScratch& scratch) {
  copy_box(tree, leaf, scratch.box);
  attribute_box(scratch.part, x, scratch.box, tree.columns, tree.unseen[leaf]);
  for (int32_t node = tree.parent[leaf]; node >= 0; node = tree.parent[node]) {
    if (!attribute_box(scratch.part, x, box_of(tree, node), tree.columns, tree.unseen[node])) break;
  }
}

CRISP_HD inline void attribute_seen(const TreeView& tree, const float* x, int32_t leaf,
                                    const AttributionScratch& scratch) {
  const double even = tree.seen[tree.ordinal[leaf]] / (2.0 * static_cast<double>(tree.columns));
  for (int64_t i = 0; i < 2 * tree.columns; ++i) scratch.part[i] = even;
  for (int32_t node = leaf; tree.parent[node] >= 0; node = tree.parent[node]) {
    if (node == leaf) {
      copy_box(tree, sibling(tree, node), scratch.box);
    } else {
      unite_box(tree, sibling(tree, node), scratch.box);
    }
    if (!attribute_box(scratch.part, x, scratch.box, tree.columns, tree.unseen[tree.parent[node]])) break;
  }
}

/// Adds the parts of x's normalised score in this tree to out[2 * columns]. Where nothing tells (a tree of
/// one point that equals x), every part gets the same.
CRISP_HD inline void attribute_row(const TreeView& tree, const float* x, const AttributionScratch& scratch,
                                   double* out) {
  for (int64_t i = 0; i < 2 * tree.columns; ++i) scratch.part[i] = 0.0;
  const int32_t leaf = leaf_of(tree, x);
  if (equals_leaf(tree, x, leaf)) {
    attribute_seen(tree, x, leaf, scratch);
  } else {
    attribute_unseen(tree, x, leaf, scratch);
  }
  double sum = 0;
  for (int64_t i = 0; i < 2 * tree.columns; ++i) sum += scratch.part[i];
  const double scale = score_row(tree, x) * tree.normaliser / sum;
  for (int64_t i = 0; i < 2 * tree.columns; ++i) out[i] += scratch.part[i] * scale;
}

}  // namespace crisp::rcf
