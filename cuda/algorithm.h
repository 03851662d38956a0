/// Device-wide sorts, scans and reductions. No vendor type in sight: Thrust and CUB behind it on a GPU, Thrust's serial
/// back end on the emulated device, the standard library on the CPU. Views lie on the host or on exec's device.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// Ascending, in place. NaN must not occur; -0 and 0 count as equal.
void sort(Exec& exec, ArrayView<double> values);
void sort(Exec& exec, ArrayView<int64_t> values);

/// Sorts values[begin of s, begin of s + 1) of every segment by itself, ascending, in place. `offsets` ascends from 0 to
/// values.size (fewer than 2^31 segments). NaN must not occur. On a GPU two stable radix sorts, by value, then by segment.
void sort_segments(Exec& exec, ArrayView<double> values, ArrayView<const int64_t> offsets);

/// Stable, ascending by key, in place. (Keys are unsigned: the serial back end of Thrust 3.0 puts negative ints last.)
void sort_by_key(Exec& exec, ArrayView<uint32_t> keys, ArrayView<double> values);

/// out[i] = in[0] + ... + in[i - 1]; returns the sum of all. `out` may be `in`.
int64_t exclusive_scan(Exec& exec, ArrayView<const int64_t> in, ArrayView<int64_t> out);

int64_t sum(Exec& exec, ArrayView<const int64_t> values);

/// Drops repeats of neighbours, keeping the order; returns how many are left at the front.
int64_t unique(Exec& exec, ArrayView<int64_t> values);

}  // namespace crisp
