/// Splits of bin codes as nodes of trees say them: of values and of categories.
#pragma once

#include "kernels/forest/trees.h"
#include "kernels/histogram/bins.h"
#include "kernels/histogram/partition.h"

namespace crisp {

/// The codes that go left as a set of categories behind those of `trees`; gives the set's number.
int32_t append_set(const CodeSides& left, const Bins& bins, int32_t column, Trees& trees);

/// Numbers up to it have codes up to `code`; behind the last bound all do.
float threshold_of(const Bins& bins, int32_t column, int32_t code);

}  // namespace crisp
