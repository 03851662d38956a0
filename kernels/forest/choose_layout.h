/// Which of the CPU engine's layouts sums a forest's rows the fastest: by trying.
#pragma once

#include <optional>

#include "kernels/forest/mask_plan.h"
#include "kernels/forest/node_table.h"

namespace crisp::forest {

struct SumLayout {
  std::optional<MaskPlan> masks;  ///< none: all rows walk
  int64_t least_rows = 0;         ///< fewer rows than these walk: a block of masks costs the same for one row as for 512
};

/// Times both on rows made of the forest's own thresholds, in the thread that calls; a few milliseconds for 100 trees.
SumLayout choose_layout(const NodeTable& table);

}  // namespace crisp::forest
