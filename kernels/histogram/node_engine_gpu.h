/// The CUDA engine of a growing tree's nodes.
#pragma once

#include "kernels/histogram/node_engine.h"

namespace crisp::gpu {

/// rows: on exec's device, codes too. categories and rules on the host.
std::unique_ptr<NodeEngine> make_node_engine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules);

}  // namespace crisp::gpu
