/// The arithmetic of the random cut forest, once, for every engine: one draw, one cut, one box, one step up
/// the tree. `F` is float, or a vector of floats of which every lane is one row: the same operations in the
/// same order, so that engines agree bit for bit.
#pragma once

#include "cuda/exact_math.h"
#include "cuda/host_device.h"
#include "cuda/random.h"

namespace crisp::rcf {

/// Values beyond this would let a sum of gaps overflow; rows that hold them are refused like NaN.
inline constexpr float kLargestValue = 0x1p100f;
/// Gaps are added in the order of the dimensions, in blocks of this many: first within a block, then over
/// blocks, so that a sum over thousands of dimensions stays as good as one over tens.
inline constexpr int kBlock = 32;
/// Points of a tree at most, so paths are shorter than this (SageMaker's largest sample is 2,048).
inline constexpr int kMaxSamples = 4096;

/// One tree as scoring reads it; node numbers count from its root, ordinals over the forest (see
/// ForestTables).
struct TreeView {
  const int32_t* cut_dimension;
  const float* cut_value;
  const int32_t* right;
  const int32_t* ordinal;
  const int32_t* parent;
  const float* unseen;  // per node
  const float* seen;    // per leaf ordinal
  const float* points;  // per leaf ordinal, stride apart
  const float* boxes;   // per internal ordinal, 2 * stride apart: low and high of every column by turns
  const float* range;
  int64_t columns, stride;
  double normaliser;
};

/// Columns as tables and blocks of rows hold them: whole 32-byte groups.
CRISP_HD inline int64_t padded(int64_t columns) { return (columns + 7) / 8 * 8; }

CRISP_HD inline float max_of(float a, float b) { return a > b ? a : b; }
CRISP_HD inline float min_of(float a, float b) { return a < b ? a : b; }
CRISP_HD inline float abs_of(float a) { return a < 0.0f ? 0.0f - a : a; }

// --- Growing a tree ---

/// Draws of a tree come from two streams: which rows it samples, and where it cuts.
CRISP_HD inline uint64_t sample_stream(int64_t tree) { return 2 * static_cast<uint64_t>(tree); }
CRISP_HD inline uint64_t cut_stream(int64_t tree) { return 2 * static_cast<uint64_t>(tree) + 1; }

/// Step `j` of Floyd's sampling without replacement, for j = rows - samples ... rows - 1: take this row, or
/// row j itself where it is taken already (Bentley and Floyd, "A sample of brilliance", CACM 1987).
CRISP_HD inline int64_t sample_candidate(uint64_t seed, int64_t tree, int64_t j) {
  const uint64_t bound = static_cast<uint64_t>(j) + 1;
  return static_cast<int64_t>(random_below(seed, sample_stream(tree), static_cast<uint64_t>(j), bound));
}

/// The draw of a node, named by its depth and the first of its points in the tree's order, which no other
/// node of that depth has: so nodes may be split in any order.
CRISP_HD inline double cut_draw(uint64_t seed, int64_t tree, int depth, int first) {
  const uint64_t node = static_cast<uint64_t>(depth) << 32 | static_cast<uint32_t>(first);
  return random_uniform(seed, cut_stream(tree), node);
}

/// A cut at `offset` above `low`, as a float in [low, high): x <= cut goes left, so both sides get a point.
CRISP_HD inline float cut_between(float low, float high, double offset) {
  float cut = static_cast<float>(static_cast<double>(low) + offset);
  if (cut < low) cut = low;
  if (cut < high) return cut;
  // Rounded up to the end: the float before it (high > low, both finite, so it exists and is >= low).
  uint32_t bits;
  memcpy(&bits, &high, sizeof bits);
  if (high == 0.0f) {
    bits = 0x80000001u;
  } else if (high > 0.0f) {
    --bits;
  } else {
    ++bits;
  }
  memcpy(&cut, &bits, sizeof cut);
  return cut;
}

/// The box grown to hold one point more.
CRISP_HD inline void extend_box(float* low, float* high, const float* point, int64_t columns) {
  for (int64_t i = 0; i < columns; ++i) {
    low[i] = min_of(point[i], low[i]);
    high[i] = max_of(point[i], high[i]);
  }
}

struct Cut {
  int32_t dimension;  ///< -1: all points are equal, a leaf
  float value;
};

CRISP_HD inline double range_of(float low, float high) {
  return static_cast<double>(high) - static_cast<double>(low);
}

CRISP_HD inline double range_block(const float* low, const float* high, int64_t begin, int64_t end) {
  double sum = 0;
  for (int64_t i = begin; i < end; ++i) sum += range_of(low[i], high[i]);
  return sum;
}

/// R of a box. In double, rounded once: a sum of many small ranges beside a large one keeps them.
CRISP_HD inline float total_range(const float* box, int64_t columns) {
  double sum = 0;
  for (int64_t c = 0; c < columns; ++c) sum += range_of(box[2 * c], box[2 * c + 1]);
  return static_cast<float>(sum);
}

/// The random cut of the box [low, high]: dimension in proportion to its range, value uniform within it, both
/// from one `draw` in [0, 1). `block_sum` has room for a double per 32 dimensions: ranges are added within
/// blocks of 32, then over blocks, so that a thread block can share the work.
CRISP_HD inline Cut choose_cut(const float* low, const float* high, int64_t columns, double draw,
                               double* block_sum) {
  const int64_t blocks = (columns + 31) / 32;
  double total = 0;
  for (int64_t b = 0; b < blocks; ++b) {
    const int64_t end = (b + 1) * 32 < columns ? (b + 1) * 32 : columns;
    block_sum[b] = range_block(low, high, b * 32, end);
    total += block_sum[b];
  }
  if (!(total > 0)) return {-1, 0.0f};
  double position = draw * total;
  int64_t block = 0;
  while (block + 1 < blocks && position >= block_sum[block]) position -= block_sum[block++];
  int64_t chosen =
      -1;  // rounding may carry the position past the end: then the last dimension that has a range
  const int64_t last = block + 1 == blocks ? columns : (block + 1) * 32;
  for (int64_t i = block * 32; i < last; ++i) {
    const double range = range_of(low[i], high[i]);
    if (range > 0) {
      chosen = i;
      if (position < range) break;
    }
    position -= range;
  }
  for (int64_t i = block * 32; chosen < 0; --i) {
    if (range_of(low[i], high[i]) > 0) chosen = i;
  }
  return {static_cast<int32_t>(chosen), cut_between(low[chosen], high[chosen], position)};
}

// --- Scoring a row ---

/// A row whose point equals a leaf of mass m at depth d: (1 - m/2M) / (d + log2(m + 1)).
CRISP_HD inline float seen_score(int depth, int mass, int tree_mass) {
  const double damp = 1.0 - mass / (2.0 * tree_mass);
  return static_cast<float>(damp / (depth + exact_log2(mass + 1.0)));
}

CRISP_HD inline float unseen_score(int depth) { return 1.0f / static_cast<float>(depth + 1); }

/// Makes the scores of trees of different mass comparable: times log2(M + 1).
CRISP_HD inline double normaliser(int tree_mass) { return exact_log2(tree_mass + 1.0); }

/// How far x lies outside [low, high].
template <class F>
CRISP_HD inline F gap(F x, F low, F high) {
  return abs_of(x - min_of(max_of(x, low), high));
}

/// Probability that a random cut of the box and x together separates x: S / (R + S).
template <class F>
CRISP_HD inline F separation(F sum_of_gaps, F range) {
  return sum_of_gaps / (range + sum_of_gaps);
}

/// One ancestor more: p * unseen + (1 - p) * score.
template <class F>
CRISP_HD inline F climb(F score, F p, F unseen) {
  return score + p * (unseen - score);
}

/// S of one row and box.
CRISP_HD inline float sum_of_gaps(const float* x, const float* box, int64_t columns) {
  float total = 0.0f;
  for (int64_t block = 0; block < columns; block += kBlock) {
    const int64_t end = block + kBlock < columns ? block + kBlock : columns;
    float sum = 0.0f;
    for (int64_t c = block; c < end; ++c) sum = sum + gap(x[c], box[2 * c], box[2 * c + 1]);
    total = total + sum;
  }
  return total;
}

CRISP_HD inline int32_t leaf_of(const TreeView& tree, const float* x) {
  int32_t node = 0;
  while (tree.cut_dimension[node] >= 0) {
    node = x[tree.cut_dimension[node]] <= tree.cut_value[node] ? node + 1 : tree.right[node];
  }
  return node;
}

CRISP_HD inline bool equals_leaf(const TreeView& tree, const float* x, int32_t leaf) {
  const float* point = tree.points + tree.ordinal[leaf] * tree.stride;
  for (int64_t c = 0; c < tree.columns; ++c) {
    if (x[c] != point[c]) return false;
  }
  return true;
}

/// A row's way up a tree: its score so far, and the next box; -1 when the score stands.
struct Climb {
  int32_t node;
  float score;
};

CRISP_HD inline Climb begin_climb(const TreeView& tree, const float* x) {
  const int32_t leaf = leaf_of(tree, x);
  if (equals_leaf(tree, x, leaf)) return {-1, tree.seen[tree.ordinal[leaf]]};
  return {tree.parent[leaf], tree.unseen[leaf]};
}

/// Climbs through the boxes from ordinal `first` on, which `boxes` begins with. An ancestor's ordinal is below its
/// descendants', so a tree's boxes may come in pieces, the last ones first.
CRISP_HD inline void climb_on(const TreeView& tree, const float* x, const float* boxes, int32_t first, Climb& at) {
  while (at.node >= 0 && tree.ordinal[at.node] >= first) {
    const int32_t ordinal = tree.ordinal[at.node];
    const float sum = sum_of_gaps(x, boxes + (ordinal - first) * 2 * tree.stride, tree.columns);
    if (sum == 0.0f) {
      at.node = -1;  // inside this box, so inside all above
      return;
    }
    at.score = climb(at.score, separation(sum, tree.range[ordinal]), tree.unseen[at.node]);
    at.node = tree.parent[at.node];
  }
}

/// The score of a row in one tree, before normalising; `x` has no -0. One row at a time: what the engines
/// must equal.
CRISP_HD inline float score_row(const TreeView& tree, const float* x) {
  Climb at = begin_climb(tree, x);
  climb_on(tree, x, tree.boxes, 0, at);
  return at.score;
}

}  // namespace crisp::rcf
