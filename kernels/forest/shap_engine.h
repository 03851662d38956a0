/// Inside the CPU engine of Shapley values: what shap.cc hands to the code of each instruction set. No standard library here or in the
/// files that include only this (see mask_engine.h).
#pragma once

#include <cstdint>

#include "kernels/forest/shap_row.h"

namespace crisp::forest {

inline constexpr int kShapLanes = 8;  // rows side by side

struct ShapTreeView {
  const ShapStep* step;
  const ShapStep* last;
  const double* table;
  const double* value;  ///< of the output that is explained
  int32_t points;
  SetTable sets;
};

/// Memory of one thread, on lines of 64 bytes: depth + 1 levels, of the first two `points` numbers each, times 8 lanes.
struct ShapMemory {
  double* product;
  double* sum;
  int64_t* met;
  int64_t* goes_right;
};

/// Adds what a tree says of 8 rows to moved[feature * 8 + lane]. x: column after column, 8 rows side by side, in double as masks are of its width.
using ShapRows = void (*)(const ShapTreeView& tree, const double* x, const ShapMemory& memory, double* moved);

void shap_rows_baseline(const ShapTreeView&, const double*, const ShapMemory&, double*);
void shap_rows_avx2(const ShapTreeView&, const double*, const ShapMemory&, double*);
void shap_rows_avx512(const ShapTreeView&, const double*, const ShapMemory&, double*);

}  // namespace crisp::forest
