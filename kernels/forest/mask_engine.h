/// Inside the CPU engine: what the entry points hand to the code of each instruction set (see mask_plan.h). No standard library here or in
/// the files that include only this: their inline functions would be compiled for an instruction set that the machine may lack, and the
/// linker keeps one copy for everybody.
#pragma once

#include <cstdint>

namespace crisp::forest {

inline constexpr int kMaskRows = 512, kMaskWords = kMaskRows / 64;
/// Of a leaf's number.
inline constexpr int kMostPlanes = 12;

/// What one column is asked. Thresholds or sets, never both: a column with both is there twice.
struct MaskColumn {
  int32_t feature;
  int32_t levels;         ///< of the search: the column has at most 2^levels - 1 thresholds; 0: sets
  int32_t answers;        ///< places a search can end at: thresholds + 1, or codes that a set may hold
  int64_t search;         ///< begin of its tables in MaskPlan::search
  int64_t first, last;    ///< its conditions
};

/// One condition; of a column they come from the highest threshold down.
struct MaskCondition {
  int32_t answer;         ///< right are the rows whose search ends here or above; of sets: number of the set
  int32_t missing_left;
};

/// to = where mask has a 1, right, else left. Rows of 64 bytes in the block's memory.
struct MaskStep {
  uint16_t mask, left, right, to;
};

/// Steps that are read before they are done, to fetch their masks from the second cache: the list has so many more at its end.
inline constexpr int kAhead = 8;

struct MaskTree {
  int64_t first_step, last_step;
  int32_t planes;               ///< bits of a leaf's number
  uint16_t plane[kMostPlanes];  ///< where they are, the lowest first
  int64_t value;                ///< begin of its leaves' values in MaskPlan::value
};

/// A MaskPlan, as plain pointers.
struct MaskView {
  const MaskColumn* column;
  int64_t columns;
  const MaskCondition* condition;
  const float* search;
  const int64_t* set_first;
  const int32_t* set_code;
  const MaskStep* step;
  const MaskTree* tree;
  int64_t trees, outputs;
  bool vector_leaves, single;
  const double* start;
  const double* value;
};

/// Memory of one block and thread, on lines of 64 bytes.
struct MaskMemory {
  uint64_t* row;     ///< memory_rows x 8 words
  uint64_t* ends;    ///< most_answers x 8 words: where searches ended
  double* sum;       ///< outputs x 512
};

/// Sums of `count` rows, 1 to 512, `ld` floats apart, into memory.sum.
using SumBlock = void (*)(const MaskView& plan, const float* rows, int64_t ld, int64_t count, int64_t columns, const MaskMemory& memory);

void sum_block_baseline(const MaskView&, const float*, int64_t, int64_t, int64_t, const MaskMemory&);
void sum_block_avx2(const MaskView&, const float*, int64_t, int64_t, int64_t, const MaskMemory&);
void sum_block_avx512(const MaskView&, const float*, int64_t, int64_t, int64_t, const MaskMemory&);

}  // namespace crisp::forest
