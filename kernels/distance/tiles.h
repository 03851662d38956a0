/// The inner loops of the family, for each instruction set (tiles.inc.h).
#pragma once

#include <cstdint>

#include "kernels/distance/distance_row.h"
#include "kernels/distance/panels.h"

namespace crisp::distance {

/// The k nearest rows found so far: a heap with the furthest on top, filled with nobodies at first.
struct NearestList {
  Neighbour* heap;
  int32_t k;
};

/// Rows to be searched.
struct Database {
  Metric metric;
  const PaddedRows* rows;
  const Panels* panels;
};

/// Up to 12 queries: packed, and as they are.
struct QueryGroup {
  const float* values;  ///< of pack_group(), with factor -2 (l1: 1)
  const double* norms;
  const PaddedRows* rows;
  int64_t first;
  int count;
  NearestList* lists;
  float* limits;  ///< estimate_limit() of each query's furthest neighbour; 12 entries
};

/// Meets every query with the rows of panels [first, last) and keeps the nearest.
using ScanPanels = void (*)(const Database& database, const QueryGroup& queries, int64_t first, int64_t last);

/// Centroids in groups of 12.
struct CentroidGroups {
  const PaddedRows* rows;
  AlignedFloats values;       ///< packed groups, factor -2
  std::vector<float> norms;   ///< squared lengths, infinite beyond the last; 12 a group
  double largest_norm = 0.0;  ///< infinite where an estimate cannot be trusted

  int64_t groups() const { return (rows->rows + kGroupRows - 1) / kGroupRows; }
};

/// labels[i] = the nearest centroid (l2) of row 32 first + i, for the rows of panels [first, last).
using AssignPanels = void (*)(const CentroidGroups& centroids, const PaddedRows& rows, const Panels& panels,
                              int64_t first, int64_t last, int32_t* labels);

/// row_measure() of two padded rows.
using MeasureRows = double (*)(Metric metric, const float* a, double scale_a, const float* b, double scale_b,
                               int64_t columns);

/// tile[r * 32 + i] = the sum over columns of (group row r - panel row i)^2, or of its absolute value for l1; in float, in
/// the order of pair_sum(). `rows` of the group's 12 at least.
using DirectTile = void (*)(Metric metric, const float* group, int rows, const float* panel, int64_t columns,
                            float* tile);

/// Adds fixed_value() (kmeans_row.h) of each of `columns` values (a multiple of 16) to `plus` and takes it from `minus`,
/// which may be null.
using AddFixed = void (*)(const float* row, const double* factor, int64_t columns, int64_t* plus, int64_t* minus);

struct Tiles {
  ScanPanels scan;
  AssignPanels assign;
  MeasureRows measure;
  DirectTile direct;
  AddFixed add_fixed;
};

const Tiles& baseline_tiles();
const Tiles& avx2_tiles();
const Tiles& avx512_tiles();
/// The best ones that this machine has.
const Tiles& chosen_tiles();

}  // namespace crisp::distance
