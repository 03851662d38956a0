/// The GPU side of algorithm.h, on device memory; called by its dispatch only.
#pragma once

#include "cuda/algorithm.h"

namespace crisp::gpu {

void sort(Exec& exec, ArrayView<double> values);
void sort(Exec& exec, ArrayView<int64_t> values);
void sort_segments(Exec& exec, ArrayView<double> values, ArrayView<const int64_t> offsets);
void sort_by_key(Exec& exec, ArrayView<uint32_t> keys, ArrayView<double> values);
int64_t exclusive_scan(Exec& exec, ArrayView<const int64_t> in, ArrayView<int64_t> out);
int64_t sum(Exec& exec, ArrayView<const int64_t> values);
int64_t unique(Exec& exec, ArrayView<int64_t> values);

}  // namespace crisp::gpu
