/// A node's rows to its two children.
#pragma once

#include <array>
#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// For each code whether rows with it go left.
using CodeSides = std::array<uint8_t, 256>;

/// Rows `index` whose code codes[row] goes left come first, the rest after them, both in the order that they had: the same on every engine.
/// `room` has index.size places and is overwritten. Returns how many went left.
int64_t partition_rows(Exec& exec, const uint8_t* codes, const CodeSides& left, ArrayView<uint32_t> index, ArrayView<uint32_t> room);

}  // namespace crisp
