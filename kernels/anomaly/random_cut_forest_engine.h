/// Inside the CPU engine: what the entry points hand to the code of each instruction set. No standard library
/// here or in the files that include only this: their inline functions would be compiled for an instruction
/// set that the machine may lack, and the linker keeps one copy for everybody.
#pragma once

#include <cstdint>

#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::rcf {

/// A block of rows, twice: by rows (stride apart, padded) and by columns (capacity apart), -0 turned to 0.
struct RowBlock {
  int64_t columns, stride, count, capacity;
  const float* by_row;
  const float* by_column;
};

/// Memory for one block and thread.
struct Scratch {
  int32_t* index[2];  // lists of rows: capacity each
  float* tile;        // 16 lanes of every column
  uint32_t* active;   // a bit for every column
};

/// Adds the tree's score of every row of the block to `total`.
using ScoreBlock = void (*)(const TreeView& tree, const RowBlock& rows, const Scratch& scratch,
                            double* total);

void score_block_baseline(const TreeView&, const RowBlock&, const Scratch&, double*);
void score_block_avx2(const TreeView&, const RowBlock&, const Scratch&, double*);
void score_block_avx512(const TreeView&, const RowBlock&, const Scratch&, double*);

}  // namespace crisp::rcf
